-- Who sat at the computer when a version was made in somebody else's name: both are its authors.

ALTER TABLE version ADD COLUMN operator_id BLOB;
