//! Every key space of the service: its name, its keys' parts, its record type.
