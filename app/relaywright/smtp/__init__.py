"""One conversation with one server: cancellable, verified, told as a stream of events. No Qt, no database."""
