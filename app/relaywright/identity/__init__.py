"""Microsoft sign-in: the browser, the loopback listener, the token cache. The only package that knows MSAL."""
