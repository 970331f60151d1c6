"""What goes in and comes out, as types for the OpenAPI document. No request is checked against them."""
