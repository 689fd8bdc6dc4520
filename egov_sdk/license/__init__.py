"""Electronic certificates (电子证照): identifiers and metadata, sealed faces, a register, presentation and sharing."""
