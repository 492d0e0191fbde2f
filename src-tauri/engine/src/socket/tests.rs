use super::place::places_with;
use super::*;
use crate::lock::{Lock, LockGuard, acquire};
use futures_util::StreamExt;
use serde_json::json;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc::Sender;
use tokio::sync::{Notify, mpsc};

/// How long anything may take that a test waits for.
const WITHIN: Duration = Duration::from_mins(1);

fn held(folder: &Path) -> LockGuard {
    let Lock::Held(guard) = acquire(folder).unwrap() else { panic!("taken") };
    guard
}

/// Says what it was asked, as often as it was asked to.
async fn echo(request: Value, replies: Sender<Value>) {
    for turn in 0..request["times"].as_u64().unwrap_or(1) {
        if replies.send(json!({ "turn": turn, "asked": request })).await.is_err() {
            return;
        }
    }
}

fn echoing(folder: &TempDir) -> (LockGuard, SocketServer) {
    let guard = held(folder.path());
    let server = serve(&guard, echo).unwrap();
    (guard, server)
}

async fn ask(folder: &Path, request: &Value) -> Vec<Result<Value, SocketFault>> {
    connect(folder).await.unwrap().call(request).collect().await
}

/// Waits until nobody listens any more. A process that another test is just starting holds what was open here until it has
/// become another program.
async fn until_nobody_listens(folder: &Path) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !matches!(connect(folder).await, Err(SocketFault::NobodyListens)) {
        assert!(Instant::now() < deadline, "somebody listens");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_request_comes_back_as_it_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let _engine = echoing(&folder);
    let request = json!({ "command": "sale", "amount": "12.50", "body": "一杯茶\nand a line" });
    let answer = ask(folder.path(), &request).await;
    assert_eq!(answer.len(), 1);
    assert_eq!(answer[0].as_ref().unwrap()["asked"], request);
}

#[tokio::test]
async fn replies_come_in_order_and_all_of_them_then_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let _engine = echoing(&folder);
    let answer = ask(folder.path(), &json!({ "times": 1_000 })).await;
    let turns: Vec<u64> = answer.into_iter().map(|reply| reply.unwrap()["turn"].as_u64().unwrap()).collect();
    assert_eq!(turns, (0..1_000).collect::<Vec<_>>());
    assert!(ask(folder.path(), &json!({ "times": 0 })).await.is_empty(), "an empty answer has an end too");
}

#[tokio::test]
async fn a_reply_is_heard_while_the_handler_is_still_at_work() {
    let folder = tempfile::tempdir().unwrap();
    let guard = held(folder.path());
    let go = Arc::new(Notify::new());
    let wait = go.clone();
    let _server = serve(&guard, move |_, replies: Sender<Value>| {
        let wait = wait.clone();
        async move {
            replies.send(json!("first")).await.unwrap();
            wait.notified().await;
            replies.send(json!("second")).await.unwrap();
        }
    })
    .unwrap();
    let mut answer = Box::pin(connect(folder.path()).await.unwrap().call(&json!(1)));
    assert_eq!(answer.next().await.unwrap().unwrap(), json!("first"));
    go.notify_one();
    assert_eq!(answer.next().await.unwrap().unwrap(), json!("second"));
    assert!(answer.next().await.is_none());
}

#[tokio::test]
async fn a_server_is_closed_when_the_last_line_of_every_answer_has_been_said_and_nobody_who_is_silent_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let guard = held(folder.path());
    let (go, asked) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (wait, came) = (go.clone(), asked.clone());
    let server = serve(&guard, move |_, replies: Sender<Value>| {
        let (wait, came) = (wait.clone(), came.clone());
        async move {
            came.notify_one();
            wait.notified().await;
            replies.send(json!("last")).await.unwrap();
        }
    })
    .unwrap();
    let mut silent = UnixStream::connect(folder.path().join("socket")).await.unwrap();
    let mut raw = UnixStream::connect(folder.path().join("socket")).await.unwrap();
    raw.write_all(b"1\n").await.unwrap();
    asked.notified().await;
    let mut closing = tokio::spawn(server.close());
    let mut byte = [0];
    let ended = tokio::time::timeout(WITHIN, silent.read(&mut byte)).await;
    assert_eq!(ended.unwrap().unwrap(), 0, "it is hung up on");
    assert!(tokio::time::timeout(Duration::ZERO, &mut closing).await.is_err(), "an answer is under way");
    go.notify_one();
    tokio::time::timeout(WITHIN, closing).await.unwrap().unwrap();
    let mut said = String::new();
    raw.read_to_string(&mut said).await.unwrap();
    assert!(said.ends_with("{\"reply\":\"last\"}\n\"done\"\n"), "{said}");
    until_nobody_listens(folder.path()).await;
}

#[tokio::test]
async fn one_connection_carries_several_requests_and_several_clients_do_not_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let guard = held(folder.path());
    let _server = serve(&guard, |request: Value, replies: Sender<Value>| async move {
        if request == json!("hang") {
            std::future::pending::<()>().await;
        }
        echo(request, replies).await;
    })
    .unwrap();
    let mut hanging = UnixStream::connect(folder.path().join("socket")).await.unwrap();
    hanging.write_all(b"\"hang\"\n").await.unwrap();
    let mut raw = UnixStream::connect(folder.path().join("socket")).await.unwrap();
    raw.write_all(b"1\n2\nnot json\n").await.unwrap();
    let seen = read_until(&mut raw, 3, |line| line == "\"done\"" || line.starts_with("{\"refused\"")).await;
    let replies: Vec<_> = seen.iter().filter(|line| line.contains("reply")).collect();
    assert_eq!(replies.len(), 2, "{seen:?}");
    assert!(replies[0].contains("\"asked\":1") && replies[1].contains("\"asked\":2"), "{seen:?}");
    assert!(seen.last().unwrap().contains("not JSON"), "{seen:?}");
}

/// Reads lines until `count` of them are `wanted`.
async fn read_until(stream: &mut UnixStream, count: usize, wanted: fn(&str) -> bool) -> Vec<String> {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&seen).into_owned();
        let lines: Vec<String> =
            text.split_inclusive('\n').filter_map(|l| l.strip_suffix('\n')).map(str::to_owned).collect();
        if lines.iter().filter(|line| wanted(line)).count() >= count {
            return lines;
        }
        let read = tokio::time::timeout(WITHIN, stream.read(&mut buffer)).await.expect(&text).unwrap();
        assert_ne!(read, 0, "ended after {text}");
        seen.extend_from_slice(&buffer[..read]);
    }
}

#[tokio::test]
async fn a_line_of_the_limit_is_taken_and_a_longer_one_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let _engine = echoing(&folder);
    let fits = json!("x".repeat(REQUEST_LIMIT - 2));
    assert_eq!(ask(folder.path(), &fits).await[0].as_ref().unwrap()["asked"], fits);
    let long = json!("x".repeat(REQUEST_LIMIT - 1));
    let answer = ask(folder.path(), &long).await;
    assert!(matches!(answer.as_slice(), [Err(SocketFault::TooLong)]), "the client does not even send it");

    let mut raw = UnixStream::connect(folder.path().join("socket")).await.unwrap();
    let mut line = vec![b'x'; 1 << 20];
    line.push(b'\n');
    raw.write_all(&line).await.unwrap();
    let seen = read_until(&mut raw, 1, |line| line.starts_with("{\"refused\"")).await;
    assert_eq!(seen, ["{\"refused\":\"a request may have at most 65536 bytes\"}"]);
    raw.write_all(b"7\n").await.unwrap();
    read_until(&mut raw, 1, |line| line.contains("\"asked\":7")).await;
}

#[tokio::test]
async fn a_client_that_vanishes_in_the_middle_hurts_neither_the_work_nor_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let guard = held(folder.path());
    let (told, mut hear) = mpsc::unbounded_channel();
    let _server = serve(&guard, move |request: Value, replies: Sender<Value>| {
        let told = told.clone();
        async move {
            replies.send(json!("begun")).await.unwrap();
            if request == json!("long") {
                replies.closed().await;
                told.send("worked to the end").unwrap();
            }
        }
    })
    .unwrap();
    let mut answer = Box::pin(connect(folder.path()).await.unwrap().call(&json!("long")));
    answer.next().await.unwrap().unwrap();
    drop(answer);
    let heard = tokio::time::timeout(WITHIN, hear.recv()).await.unwrap();
    assert_eq!(heard, Some("worked to the end"));
    let mut half = UnixStream::connect(folder.path().join("socket")).await.unwrap();
    half.write_all(b"{\"half a requ").await.unwrap();
    drop(half);
    assert_eq!(ask(folder.path(), &json!("short")).await.len(), 1);
}

#[tokio::test]
async fn a_handler_that_breaks_refuses_its_request_and_the_next_one_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let guard = held(folder.path());
    let _server = serve(&guard, |request: Value, replies: Sender<Value>| async move {
        assert_ne!(request, json!("break"));
        echo(request, replies).await;
    })
    .unwrap();
    let answer = ask(folder.path(), &json!("break")).await;
    assert!(matches!(answer.as_slice(), [Err(SocketFault::Refused(_))]), "{answer:?}");
    assert!(ask(folder.path(), &json!(1)).await[0].is_ok());
}

/// The clock of these two stands still while anything can go on, and then jumps to whatever is waited for next.
#[tokio::test(start_paused = true)]
async fn an_engine_that_does_not_answer_is_silent() {
    let folder = tempfile::tempdir().unwrap();
    let _deaf = UnixListener::bind(folder.path().join("socket")).unwrap();
    let begun = tokio::time::Instant::now();
    let client = connect(folder.path()).await.unwrap().within(Duration::from_secs(7));
    let answer: Vec<_> = client.call(&json!(1)).collect().await;
    assert!(matches!(answer.as_slice(), [Err(SocketFault::Silent)]), "{answer:?}");
    assert!(begun.elapsed() >= Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_works_for_an_hour_is_not_taken_for_silent() {
    let folder = tempfile::tempdir().unwrap();
    let guard = held(folder.path());
    let _server = serve(&guard, |_, replies: Sender<Value>| async move {
        tokio::time::sleep(Duration::from_hours(1)).await;
        replies.send(json!("at last")).await.unwrap();
    })
    .unwrap();
    let client = connect(folder.path()).await.unwrap().within(Duration::from_millis(1_500));
    let answer: Vec<_> = client.call(&json!(1)).collect().await;
    assert_eq!(answer.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [json!("at last")]);
}

#[tokio::test]
async fn an_engine_that_ends_in_the_middle_of_an_answer_is_not_taken_for_done() {
    let folder = tempfile::tempdir().unwrap();
    let dying = UnixListener::bind(folder.path().join("socket")).unwrap();
    let end = tokio::spawn(async move {
        let (mut stream, _) = dying.accept().await.unwrap();
        stream.read_exact(&mut [0; "\"x\"\n".len()]).await.unwrap();
        stream.write_all(b"{\"reply\":1}\n{\"repl").await.unwrap();
    });
    let answer = ask(folder.path(), &json!("x")).await;
    assert!(matches!(answer.as_slice(), [Ok(_), Err(SocketFault::Lost)]), "{answer:?}");
    end.await.unwrap();
}

#[tokio::test]
async fn what_a_killed_engine_left_is_replaced_and_until_then_nobody_listens() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(connect(folder.path()).await, Err(SocketFault::NobodyListens)));
    drop(UnixListener::bind(folder.path().join("socket")).unwrap());
    assert!(folder.path().join("socket").exists());
    until_nobody_listens(folder.path()).await;
    let _engine = echoing(&folder);
    assert!(ask(folder.path(), &json!(1)).await[0].is_ok());
    assert!(matches!(connect(&folder.path().join("gone")).await, Err(SocketFault::NobodyListens)));
}

#[tokio::test]
async fn a_file_in_the_way_is_not_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    std::fs::write(&path, "precious").unwrap();
    let place = &places_with(folder.path(), None)[0];
    assert!(place.clear().is_err());
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
}

#[tokio::test]
async fn only_the_owner_may_connect() {
    let folder = tempfile::tempdir().unwrap();
    let _engine = echoing(&folder);
    let mode = std::fs::metadata(folder.path().join("socket")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_folder_with_a_long_path_has_its_socket_apart_and_works() {
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("掌柜".repeat(30));
    std::fs::create_dir(&long).unwrap();
    let guard = held(&long);
    let server = serve(&guard, echo).unwrap();
    assert!(ask(&long, &json!(1)).await[0].is_ok());
    assert!(!long.join("socket").exists());
    drop(server);
    let apart = place::places(&long).unwrap().into_iter().find(|place| place.path.exists()).unwrap().path;
    let parent = apart.parent().unwrap();
    let found = std::fs::metadata(parent).unwrap();
    assert_eq!((found.mode() & 0o777, found.uid()), (0o700, rustix::process::geteuid().as_raw()));
    std::fs::remove_dir_all(parent).unwrap();
}

#[test]
fn the_places_are_short_enough_and_belong_to_one_folder_each() {
    let runtime = Some(PathBuf::from("/run/user/1000"));
    let short = places_with(Path::new("/home/a/till"), runtime.clone());
    assert_eq!(short[0].path, Path::new("/home/a/till/socket"));
    let long = format!("/home/{}", "x".repeat(120));
    let first = places_with(Path::new(&long), runtime.clone());
    assert!(first[0].path.starts_with("/run/user/1000"), "{first:?}");
    assert!(first[1].path.starts_with("/tmp"), "{first:?}");
    let second = places_with(Path::new(&format!("{long}y")), runtime);
    assert_ne!(first[0], second[0]);
    let nowhere = places_with(Path::new(&long), Some(PathBuf::from(&long)));
    assert_eq!(nowhere.len(), 1, "a runtime folder that is itself too long does not do");
    assert!(nowhere.iter().chain(&first).all(|place| place.path.as_os_str().len() <= 107));
}

#[test]
fn a_folder_apart_that_others_can_enter_or_that_is_a_link_is_not_used() {
    let base = tempfile::tempdir().unwrap();
    let long = base.path().join("x".repeat(120));
    let place = places_with(&long, Some(base.path().to_owned())).remove(0);
    let apart = place.path.parent().unwrap();
    std::fs::create_dir(apart).unwrap();
    std::fs::set_permissions(apart, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert!(matches!(place.clear(), Err(SocketFault::Foreign(_))));
    assert!(matches!(place.check(), Err(SocketFault::Foreign(_))));
    std::fs::set_permissions(apart, std::fs::Permissions::from_mode(0o700)).unwrap();
    place.clear().unwrap();
    let moved = base.path().join("moved");
    std::fs::rename(apart, &moved).unwrap();
    std::os::unix::fs::symlink(&moved, apart).unwrap();
    assert!(matches!(place.clear(), Err(SocketFault::Foreign(_))));
}
