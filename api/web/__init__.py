"""The pages: what people see and press, over the same service as the API."""
