"""What a relay profile is and when it is right. Standard library only, no input or output."""
