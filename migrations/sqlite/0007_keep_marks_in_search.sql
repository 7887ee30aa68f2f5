-- Terms come cut from domain::search. The index must not cut them again: vowel signs (Hindi, Thai)
-- and letters in circles are parts of words there, and a cut word would be a phrase, which
-- detail = none has not.

DROP TABLE content_search;
CREATE VIRTUAL TABLE content_search USING fts5 (
    terms, content = 'content_terms', content_rowid = 'rowid_ref', detail = none,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co M* So' tokenchars '#@_'"
);
INSERT INTO content_search (content_search) VALUES ('rebuild');
