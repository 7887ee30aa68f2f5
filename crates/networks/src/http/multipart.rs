//! A form with a file (RFC 7578).

use bytes::Bytes;

/// The type and the bytes of a form with text fields and one file, in this order.
pub(crate) fn form(fields: &[(&str, &str)], file: (&str, &str, &str, &[u8])) -> (String, Bytes) {
    // Sixteen random bytes: no file holds them by chance.
    let boundary = uuid::Uuid::new_v4().simple().to_string();
    let (name, file_name, mime, bytes) = file;
    let mut body = Vec::with_capacity(bytes.len() + 1024);
    for (name, value) in fields {
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(value.as_bytes());
        body.extend_from_slice(b"\r\n");
    }
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; \
         filename=\"{file_name}\"\r\nContent-Type: {mime}\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (
        format!("multipart/form-data; boundary={boundary}"),
        body.into(),
    )
}
