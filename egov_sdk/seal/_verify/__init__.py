"""How a sealed document is judged: facts are gathered once, then every check looks at the facts."""
