//! The samples of the documents, and what this module makes of them.
