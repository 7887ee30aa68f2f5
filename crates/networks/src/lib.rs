//! What social networks want, one folder each.
