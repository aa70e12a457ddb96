"""The register of invoices: the tax bureau's word on what exists, imported from its exports and looked up by key."""
