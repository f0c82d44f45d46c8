//! Checks the hosts, endpoints and cache names that users pass in.

use crate::error::TokenError;

/// Accepts only a host name: no URL, no port, no path.
pub(crate) fn check_host(host: &str) -> Result<(), TokenError> {
    if let Some((scheme, rest)) = host.split_once("://") {
        return Err(TokenError::HostIsUrl { url: format!("{}://{}", shown(scheme), shown(rest)) });
    }
    if let Some((name, port)) = host.rsplit_once(':')
        && !name.is_empty()
        && !name.contains([':', '@'])
        && !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Err(TokenError::HostHasPort { host: shown(name), port: port.to_owned() });
    }
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let is_address =
        host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).is_some_and(|address| {
            address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':' || byte == b'.')
        });
    if host.is_empty() || !(is_address || host.bytes().all(is_legal)) {
        return Err(TokenError::InvalidHost { host: shown(host) });
    }
    Ok(())
}

/// Accepts the name of a cache or cluster, which AWS stores in lower case.
pub(crate) fn check_cache_name(name: &str) -> Result<(), TokenError> {
    if name.contains("://") || name.contains(['.', ':']) {
        return Err(TokenError::NameIsEndpoint { name: shown(name) });
    }
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(TokenError::UpperCaseName {
            name: shown(name),
            lower_case: shown(name).to_ascii_lowercase(),
        });
    }
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if name.is_empty() || !name.bytes().all(is_legal) {
        return Err(TokenError::InvalidCacheName { name: shown(name) });
    }
    Ok(())
}

/// Accepts any user name that is not empty.
pub(crate) fn check_user(user: &str) -> Result<(), TokenError> {
    if user.is_empty() { Err(TokenError::Empty { what: "user name" }) } else { Ok(()) }
}

/// Returns the part of a wrong host that an error may show: one line, without anything before an
/// `@` (a password), without a query, and without characters that move a terminal's cursor.
pub(crate) fn shown(text: &str) -> String {
    let text = text.rsplit('@').next().unwrap_or_default();
    let text = text.split(['?', '#']).next().unwrap_or_default();
    text.chars().take(100).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_name_or_address_is_taken() {
        for host in ["db.abc.eu-west-1.rds.amazonaws.com", "localhost", "10.0.0.1", "[::1]", "A.b"]
        {
            assert!(check_host(host).is_ok(), "{host}");
        }
    }

    #[test]
    fn url_port_path_and_user_are_told_apart() {
        let message = |host| check_host(host).unwrap_err().to_string();
        assert!(
            message("https://u:p@db.example.com/x?y")
                .starts_with("https://db.example.com/x is a URL")
        );
        assert!(message("postgres://me:hunter2@db.example.com/app?x=hunter2").contains("is a URL"));
        assert!(message("db.example.com:5432").contains("db.example.com and port 5432"));
        assert!(message("d\nb:5432").contains("d\\nb and port 5432"));
        for host in ["", "db/x", "a b", "db\n", "dé", "::1", "db:", "user@db", "[::1"] {
            assert!(check_host(host).is_err(), "{host}");
        }
    }

    #[test]
    fn no_error_shows_what_stands_before_an_at_or_in_a_query() {
        for host in ["https://u:hunter2@db?hunter2", "u:hunter2@db", "db?hunter2", "db#hunter2"] {
            let error = check_host(host).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn cache_name_is_lower_case_and_no_endpoint() {
        assert!(check_cache_name("my-cache-1").is_ok());
        let message = |name| check_cache_name(name).unwrap_err().to_string();
        assert!(message("My-Cache").contains("my-cache"));
        assert!(message("my-cache.abc.euw1.cache.amazonaws.com").contains("endpoint"));
        assert!(message("my cache").contains("letters"));
        assert!(message("").contains("letters"));
    }
}
