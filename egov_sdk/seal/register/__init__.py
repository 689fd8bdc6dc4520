"""The register of seals (印章备案) on a database: which there are, in which state, whose keys, and every use."""
