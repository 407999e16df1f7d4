//! The disk fills, is read-only, or takes no more of a file, while the till is at work and is killed.

use crate::books::{asked, judge};
use crate::cloud::Cloud;
use crate::kill::STEPS;
use crate::lanes::{chance, in_lanes, is_long};
use crate::till::{Blow, ROOM, Till, program};
use std::ffi::{CString, c_ulong};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// More than a till with two payments needs.
const DISK_BYTES: u64 = 2 << 20;

/// True where disks can be mounted that nobody else sees. Where they cannot, runs the test again in such a place, and
/// judges by that.
fn may_mount(test: &str) -> bool {
    if std::env::var_os(ROOM).is_some() {
        return true;
    }
    program();
    let mut command = Command::new("unshare");
    // SAFETY: asks only who we are.
    if unsafe { libc::geteuid() } != 0 {
        command.args(["--user", "--map-root-user"]);
    }
    command.arg("--mount").arg(std::env::current_exe().expect("this program"));
    let output = command.args(["--exact", test, "--nocapture"]).env(ROOM, "1").output().expect("unshare of util-linux");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{test}, where it may mount: {said}");
    false
}

/// A small disk in memory, mounted on a directory of its own.
struct Disk(TempDir);

impl Disk {
    fn new() -> Disk {
        let disk = Disk(tempfile::tempdir().expect("a directory"));
        disk.mount(0, &format!("size={DISK_BYTES}"));
        disk
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn mount(&self, flags: c_ulong, options: &str) {
        let path = CString::new(self.path().as_os_str().as_bytes()).expect("no NUL");
        let options = CString::new(options).expect("no NUL");
        // SAFETY: all texts end with NUL and live until the call returns.
        let status =
            unsafe { libc::mount(c"none".as_ptr(), path.as_ptr(), c"tmpfs".as_ptr(), flags, options.as_ptr().cast()) };
        assert_eq!(status, 0, "mount: {}", std::io::Error::last_os_error());
    }

    fn set_read_only(&self, yes: bool) {
        self.mount(libc::MS_REMOUNT | if yes { libc::MS_RDONLY } else { 0 }, "");
    }

    /// Leaves so many bytes free.
    fn fill(&self, spare: u64) {
        let mut filler = File::create(self.path().join("filler")).expect("a file");
        let mut length = 0;
        while let Ok(bytes) = filler.write(&[0; 4096]) {
            length += bytes as u64;
        }
        assert!(length > 0, "the disk was full already");
        filler.set_len(length.saturating_sub(spare)).expect("it shrinks");
    }

    fn make_room(&self) {
        fs::remove_file(self.path().join("filler")).expect("the filler");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let path = CString::new(self.path().as_os_str().as_bytes()).expect("no NUL");
        // SAFETY: the path ends with NUL.
        unsafe { libc::umount2(path.as_ptr(), libc::MNT_DETACH) };
    }
}

fn first_blow(number: usize) -> Blow {
    match number % 3 {
        0 => Blow::At(Duration::from_millis(40 * chance(number, 11, 50))),
        _ => {
            let step = STEPS[number / 3 % STEPS.len()];
            Blow::After(step, Duration::from_micros([0, 200, 1_500, 8_000][chance(number, 12, 4) as usize]))
        }
    }
}

fn full(server: &Cloud, number: usize) {
    let disk = Disk::new();
    let prefix = (1000 + number).to_string();
    let mut lives = Vec::new();
    let mut till = Till::start(server, disk.path(), &prefix, 2, &[]);
    if till.until(&first_blow(number)) {
        disk.fill([0, 4_096, 16_384, 40_960][chance(number, 13, 4) as usize]);
        // Some are killed with the disk full, the others come to an end with it.
        let alive =
            chance(number, 14, 2) == 0 && till.until(&Blow::At(Duration::from_millis(30 * chance(number, 15, 100))));
        let mut life = till.end(alive, disk.path());
        life.forgetful = true;
        lives.push(life);
    } else {
        lives.push(till.end(false, disk.path()));
        disk.fill(0);
    }
    std::thread::sleep(Duration::from_millis(30));
    let sent = server.submits();
    if number.is_multiple_of(2) {
        let mut life = Till::start(server, disk.path(), &prefix, 0, &[]).end(false, disk.path());
        assert!(life.closed().is_none_or(|status| status == "PJ_ERR_JOURNAL"), "number {number}: {:?}", life.closed());
        life.forgetful = true;
        lives.push(life);
    }
    disk.make_room();
    lives.push(Till::start(server, disk.path(), &prefix, 0, &asked(&lives)).end(false, disk.path()));
    let what = format!("number {number}, disk full");
    assert_eq!(lives.last().and_then(|life| life.closed()), None, "{what}");
    assert_eq!(server.submits(), sent, "{what}: an old intent was sent");
    judge(server, &lives, &what);
}

/// Promises 1 and 6.
#[test]
fn a_full_disk_loses_nothing() {
    if may_mount("disk::a_full_disk_loses_nothing") {
        in_lanes(if is_long() { 1_000 } else { 36 }, full);
    }
}

fn read_only(server: &Cloud, number: usize) {
    let disk = Disk::new();
    let prefix = (1000 + number).to_string();
    let mut till = Till::start(server, disk.path(), &prefix, 2, &[]);
    let alive = till.until(&first_blow(number));
    let mut lives = vec![till.end(alive, disk.path())];
    std::thread::sleep(Duration::from_millis(30));
    let sent = server.submits();
    // The driver's own file stands there too.
    fs::write(disk.path().join("errors"), "").expect("a file");
    disk.set_read_only(true);
    let errors = tempfile::tempdir().expect("a directory");
    let life =
        Till::start_logging(server, disk.path(), errors.path(), &prefix, 1, &asked(&lives)).end(false, errors.path());
    assert_eq!(life.closed(), Some("PJ_ERR_JOURNAL"), "number {number}: {:?}", life.lines);
    disk.set_read_only(false);
    lives.push(Till::start(server, disk.path(), &prefix, 0, &asked(&lives)).end(false, disk.path()));
    assert_eq!(server.submits(), sent, "number {number}: something was sent");
    judge(server, &lives, &format!("number {number}, read-only"));
}

/// Promise 1.
#[test]
fn a_disk_that_has_become_read_only_is_refused_and_goes_on_later() {
    if may_mount("disk::a_disk_that_has_become_read_only_is_refused_and_goes_on_later") {
        in_lanes(if is_long() { 200 } else { 12 }, read_only);
    }
}

/// The system refuses to let the file grow, and sends a signal with it that ends programs.
fn limited(server: &Cloud, number: usize) {
    let dir = tempfile::tempdir().expect("a directory");
    let prefix = (1000 + number).to_string();
    let limit = 4_096 * (1 + chance(number, 16, 30));
    let mut till = Till::start_with(server, dir.path(), &prefix, 2, &[], Some(limit));
    let alive = chance(number, 17, 3) == 0 && till.until(&first_blow(number));
    let mut life = till.end(alive, dir.path());
    life.forgetful = true;
    assert!(life.closed().is_none_or(|status| status == "PJ_ERR_JOURNAL"), "number {number}: {:?}", life.lines);
    let mut lives = vec![life];
    std::thread::sleep(Duration::from_millis(30));
    let sent = server.submits();
    lives.push(Till::start(server, dir.path(), &prefix, 0, &asked(&lives)).end(false, dir.path()));
    let what = format!("number {number}, files of {limit} bytes at most");
    assert_eq!(server.submits(), sent, "{what}: an old intent was sent");
    judge(server, &lives, &what);
}

/// Promises 1, 6 and 13.
#[test]
fn a_file_that_may_not_grow_ends_neither_the_till_nor_a_payment() {
    in_lanes(if is_long() { 600 } else { 24 }, limited);
}
