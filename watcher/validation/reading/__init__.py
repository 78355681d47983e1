"""From the bytes of one file to chunks of rows: encoding, records, header line; what can't be read is a fault."""
