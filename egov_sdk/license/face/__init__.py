"""The face of a licence (证照照面): a template that says where everything stands, and the page made from it."""
