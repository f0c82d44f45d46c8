//! The parts of a search service that the examples need: it keeps documents and finds all of them.

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use support::raw::{Received, Reply};

use examples::Outcome;
use examples::verifying::VerifyingServer;

/// Starts a search service that verifies requests signed for `es`.
///
/// # Errors
/// No port is available.
pub fn start() -> Outcome<VerifyingServer> {
    let documents = Mutex::new(Vec::new());
    VerifyingServer::start("es", move |received| {
        let mut documents = documents.lock().unwrap_or_else(PoisonError::into_inner);
        match answer(received, &mut documents) {
            Some((status, body)) => {
                let reply = Reply::new(status).header("content-type", "application/json");
                reply.body(body.to_string())
            }
            None => Reply::new(400).body("this imitation does not understand the request"),
        }
    })
}

fn answer(received: &Received, documents: &mut Vec<Value>) -> Option<(u16, Value)> {
    let target = String::from_utf8_lossy(&received.target);
    let path = target.split('?').next()?;
    let body = String::from_utf8_lossy(&received.body);
    match path.rsplit('/').next()? {
        "" => Some((200, json!({ "version": { "number": "2.19.0" } }))),
        "_bulk" => {
            // Two lines for each document: the action, then the document.
            let lines: Vec<&str> = body.lines().collect();
            for pair in lines.chunks(2) {
                documents.push(serde_json::from_str(pair.get(1)?).ok()?);
            }
            let items = vec![json!({ "index": { "status": 201 } }); lines.len() / 2];
            Some((200, json!({ "errors": false, "items": items })))
        }
        "_search" => {
            let hits: Vec<Value> = documents.iter().map(|it| json!({ "_source": it })).collect();
            let total = json!({ "value": hits.len(), "relation": "eq" });
            Some((200, json!({ "hits": { "total": total, "hits": hits } })))
        }
        _ => {
            documents.push(serde_json::from_str(&body).ok()?);
            Some((201, json!({ "result": "created" })))
        }
    }
}
