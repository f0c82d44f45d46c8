//! Services that share a host name, told apart by the request.

/// The one of `services` that a URL's scheme and path belong to; `None` if they do not decide.
pub(super) fn service(services: &'static str, scheme: &str, path: &str) -> Option<&'static str> {
    let Some((first, second)) = services.split_once('|') else {
        return Some(services);
    };
    let is_second = match first {
        "iotdata" => is_mqtt(scheme, path)?,
        _ => is_second_location(path)?,
    };
    Some(if is_second { second } else { first })
}

/// Whether a request to a device endpoint uses MQTT over WebSocket.
///
/// Source: IoT Core Developer Guide, "Device communication protocols"; botocore's model of iot-data.
fn is_mqtt(scheme: &str, path: &str) -> Option<bool> {
    const DATA: [&str; 5] =
        ["/topics/", "/things/", "/retainedMessage", "/connections/", "/api/things/"];
    if scheme.eq_ignore_ascii_case("wss") || path == "/mqtt" {
        Some(true)
    } else {
        DATA.iter().any(|start| path.starts_with(start)).then_some(false)
    }
}

/// Whether a request is for the second version of Amazon Location, by the beginning of its path.
/// Paths of the first version begin with a part's name, such as `/maps/v0/`.
///
/// Source: botocore's models of location, geo-maps, geo-places and geo-routes.
fn is_second_location(path: &str) -> Option<bool> {
    if path.starts_with("/v2/") {
        return Some(true);
    }
    let mut segments = path.split('/').skip(1);
    let is_first = matches!(segments.next(), Some("maps" | "places" | "routes"))
        && segments.next() == Some("v0");
    is_first.then_some(false)
}
