"""`web` shows: parse the request, call one function of `intake`, present the answer."""
