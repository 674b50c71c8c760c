"""HCL's native syntax as trees: scanner, expressions, templates, bodies."""
