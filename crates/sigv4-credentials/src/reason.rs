//! Makes the text of a foreign error fit to be read and logged: one line without a secret.

use std::env;
use std::error::Error;
use std::fs;

use aws_config::imds::client::error::ImdsError;

/// The replacement for a possible secret.
const MASK: &str = "[masked]";

/// The least length of a run of characters that is treated as a secret or a token.
const SECRET_LENGTH: usize = 32;

/// The maximum length of one reason, in characters.
const LONGEST: usize = 600;

/// Variables whose values never appear. [`SECRET_FILES`] name files whose contents never appear.
const SECRET_VARIABLES: [&str; 4] = [
    "AWS_SECRET_ACCESS_KEY",
    "SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
];
const SECRET_FILES: [&str; 2] =
    ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE"];

/// Texts of upstream errors that give no information. Their causes follow.
const EMPTY_WORDS: [&str; 10] = [
    "an error occurred while loading an access token",
    "an error occurred while loading credentials",
    "service error",
    "dispatch failure",
    "response error",
    "unhandled error",
    "io error",
    "timeout",
    "other",
    "client error",
];

/// Returns the masked texts of `error` and its causes, from outermost to innermost.
pub(crate) fn reason(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        next = error.source();
        let part = part(error);
        // Many errors print their cause too.
        let says_nothing = next.is_some() && EMPTY_WORDS.contains(&part.as_str());
        if !says_nothing && !text.contains(&part) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&part);
        }
    }
    masked(&text)
}

/// Returns the text of one error. Some upstream errors print a whole response.
fn part(error: &(dyn Error + 'static)) -> String {
    match error.downcast_ref::<ImdsError>() {
        Some(ImdsError::ErrorResponse(context)) => {
            format!("IMDS answered with status {}", context.response().status().as_u16())
        }
        _ => error.to_string(),
    }
}

/// Makes a text fit to be read: one line of bounded length, without possible secrets.
pub(crate) fn masked(text: &str) -> String {
    let masked = mask(&one_line(without_stderr(text)), &known_secrets());
    shorten(masked.trim_end_matches('.'))
}

/// Removes the standard error of a process, which may contain anything.
fn without_stderr(text: &str) -> &str {
    text.split_once(" Stderr:").map_or(text, |(before, _)| before)
}

fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn known_secrets() -> Vec<String> {
    let variables = SECRET_VARIABLES.iter().filter_map(|name| env::var(name).ok());
    let files = SECRET_FILES.iter().filter_map(|name| fs::read_to_string(env::var_os(name)?).ok());
    variables
        .chain(files)
        .map(|secret| secret.trim().to_owned())
        .filter(|secret| !secret.is_empty())
        .collect()
}

/// Masks the known secrets, the parts of URLs other than host and path, and every run of characters
/// that looks like a key or token.
fn mask(text: &str, secrets: &[String]) -> String {
    let known =
        secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), MASK));
    known.split(' ').map(mask_word).collect::<Vec<_>>().join(" ")
}

/// Masks a word unless it is an ARN. An ARN helps to diagnose a refusal, and its long, mixed names
/// are not secrets.
fn mask_word(word: &str) -> String {
    let bare = word.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    match bare.starts_with("arn:aws") {
        true => word.to_owned(),
        false => mask_runs(&mask_url(word)),
    }
}

fn mask_url(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else {
        return word.to_owned();
    };
    let rest = match rest.split_once('?') {
        Some((before, _)) => format!("{before}?{MASK}"),
        None => rest.to_owned(),
    };
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://{MASK}@{host}"),
        None => format!("{scheme}://{rest}"),
    }
}

fn mask_runs(word: &str) -> String {
    let is_run = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-');
    let mut masked = String::with_capacity(word.len());
    let mut rest = word;
    while !rest.is_empty() {
        let end = rest.find(|c| !is_run(c)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        masked.push_str(if looks_secret(run) { MASK } else { run });
        let mut others = after.chars();
        masked.extend(others.next());
        rest = others.as_str();
    }
    masked
}

/// Whether a run is long and mixed, unlike most words and paths.
fn looks_secret(run: &str) -> bool {
    let has = |is: fn(&u8) -> bool| run.as_bytes().iter().any(is);
    run.len() >= SECRET_LENGTH
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_the_causes_follow_once_each() {
        let inner = std::io::Error::other("connection refused");
        let outer = std::io::Error::other(inner);
        assert_eq!(reason(&outer), "connection refused");
    }

    #[test]
    fn stderr_of_a_process_is_left_out() {
        let error = std::io::Error::other("exited with 1. Stderr: secret=abc");
        assert_eq!(reason(&error), "exited with 1");
    }

    #[test]
    fn what_looks_like_a_key_or_token_is_masked() {
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let token = "IQoJb3JpZ2luX2VjEIr//////////wEaCXVzLWVhc3QtMSJHMEUCIQD";
        let text = format!("field `{secret}`, token={token}.");
        assert_eq!(
            mask(&text, &[]),
            "field `[masked]`, token=[masked].".replace("token=[masked]", "[masked]")
        );
    }

    #[test]
    fn known_secrets_are_masked_however_short() {
        let secrets = ["hunter2".to_owned()];
        assert_eq!(mask("got hunter2!", &secrets), "got [masked]!");
    }

    #[test]
    fn user_info_of_a_url_is_masked() {
        assert_eq!(mask("bad http://me:pass@host/x", &[]), "bad http://[masked]@host/x");
    }

    #[test]
    fn query_of_a_url_is_masked() {
        assert_eq!(mask("bad http://host/x?token=t now", &[]), "bad http://host/x?[masked] now");
    }

    #[test]
    fn what_helps_the_reader_stays() {
        for text in [
            "User: arn:aws:iam::123456789012:user/dev is not authorized to perform sts:AssumeRole",
            "role (arn:aws:sts::1:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/me)",
            "could not read /var/run/secrets/eks.amazonaws.com/serviceaccount/token",
            "error parsing /home/me/.aws/config on line 3: Expected an '=' sign",
        ] {
            assert_eq!(mask(text, &[]), text);
        }
    }

    #[test]
    fn reason_is_one_line_of_bounded_length() {
        let error = std::io::Error::other("line\nfeed ".repeat(1000));
        let text = reason(&error);
        assert!(text.starts_with("line feed line"));
        assert!(text.len() <= LONGEST + 3);
    }
}
