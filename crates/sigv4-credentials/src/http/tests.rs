use super::*;

fn way_to(uri: &str) -> Way {
    way(&uri.parse().unwrap(), |name| {
        (name == "AWS_CONTAINER_CREDENTIALS_FULL_URI")
            .then(|| "https://pod-identity.example:8443/v1?x".to_owned())
    })
}

#[test]
fn metadata_loopback_and_the_hosts_of_the_variables_are_asked_without_a_proxy() {
    for uri in [
        "http://169.254.169.254/latest",
        "http://169.254.170.2/v2",
        "http://[fd00:ec2::254]/latest",
        "http://[fd00:ec2::23]/v1",
        "http://127.0.0.1:3000/",
        "http://[::1]:3000/",
        "http://localhost/",
        "https://pod-identity.example/v1",
    ] {
        assert_eq!(way_to(uri), Way::Direct, "{uri}");
    }
}

#[test]
fn services_and_unknown_hosts_are_asked_as_the_proxy_variables_say() {
    for uri in [
        "https://sts.eu-west-1.amazonaws.com/",
        "http://sts.internal/",
        "http://10.0.0.1/",
        "https://169.254.169.254.example/",
        "https://localhost.example/",
    ] {
        assert_eq!(way_to(uri), Way::ByVariables, "{uri}");
    }
}

#[test]
fn failure_names_the_host_and_neither_its_user_nor_its_query_and_keeps_its_kind() {
    let uri: Uri = "https://user:pw@sts.example:444/?token=hush".parse().unwrap();
    let io = || ConnectorError::io(std::io::Error::other("connection refused").into());
    let named = naming_host(io(), &uri);
    assert!(named.is_io());
    let text = crate::reason::reason(&named);
    assert_eq!(text, "no response from sts.example:444: connection refused");
    assert!(naming_host(ConnectorError::timeout("late".into()), &uri).is_timeout());
}
