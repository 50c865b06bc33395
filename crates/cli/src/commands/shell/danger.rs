//! Known kinds of commands that one does not want to run unseen. What it does not mark can be dangerous as well.

mod words;

use self::words::Simple;

/// Programs, and what they do whatever their arguments are.
const PROGRAMS: &[(&[&str], &str)] = &[
    (&["rm", "unlink", "shred", "srm", "trash-empty"], DELETES),
    (
        &[
            "wipefs",
            "fdisk",
            "sfdisk",
            "cfdisk",
            "gdisk",
            "sgdisk",
            "parted",
            "blkdiscard",
            "mkswap",
            "lvremove",
            "vgremove",
            "pvremove",
            "cryptsetup",
            "mdadm",
            "diskutil",
        ],
        DISKS,
    ),
    (&["shutdown", "reboot", "halt", "poweroff", "telinit"], STOPS),
    (&["kill", "killall", "pkill"], "ends processes"),
    (&["truncate"], CUTS),
    (&["userdel", "groupdel", "deluser", "delgroup", "passwd", "usermod", "visudo"], "changes who may use the machine"),
    (&["dropdb"], "deletes data"),
];

/// Programs with one of the words that make them dangerous: a subcommand, an option, or a letter of short options.
const WITH_WORDS: &[(&[&str], &[&str], &str)] = &[
    (&["find"], &["-delete"], DELETES),
    (
        &["rsync"],
        &[
            "--del",
            "--delete",
            "--delete-after",
            "--delete-before",
            "--delete-during",
            "--delete-delay",
            "--delete-excluded",
            "--remove-source-files",
        ],
        DELETES,
    ),
    (&["init"], &["0", "1", "6", "s", "S"], STOPS),
    (&["chmod", "chown", "chgrp", "setfacl"], &["-R", "--recursive"], "changes the rights of many files"),
    (&["crontab"], &["-r"], "deletes all scheduled commands"),
    (&["iptables", "ip6tables"], &["-F", "-X", "--flush"], FIREWALL),
    (&["nft"], &["flush"], FIREWALL),
    (&["ufw"], &["disable", "reset"], FIREWALL),
    (
        &["systemctl", "service"],
        &["poweroff", "reboot", "halt", "stop", "disable", "mask", "isolate"],
        "stops services",
    ),
    (&["docker", "podman"], &["prune", "rm", "rmi", "kill"], CONTAINERS),
    (&["kubectl", "oc"], &["delete", "drain", "replace"], DATA),
    (&["terraform", "tofu", "pulumi", "vagrant"], &["destroy"], DATA),
    (&["helm"], &["uninstall", "delete"], DATA),
    (&["zpool", "zfs", "btrfs"], &["destroy", "delete", "rollback", "labelclear"], DISKS),
    (&["aws", "gsutil", "gcloud", "az", "s3cmd", "rclone"], &["rm", "rb", "delete", "purge", "del", "sync"], DATA),
    (&["redis-cli"], &["flushall", "flushdb", "FLUSHALL", "FLUSHDB"], DATA),
    (
        &[
            "apt", "apt-get", "aptitude", "dnf", "yum", "zypper", "brew", "snap", "flatpak", "pip", "pip3", "npm",
            "cargo", "gem",
        ],
        &["remove", "purge", "autoremove", "uninstall", "erase"],
        "removes software",
    ),
    (&["pacman"], &["-R", "-Rs", "-Rns", "-Rsc", "-Rdd"], "removes software"),
];

/// Programs with a subcommand, which is dangerous with one of these words.
const WITH_SUBCOMMANDS: &[(&[&str], &str, &[&str], &str)] =
    &[(&["docker", "podman", "docker-compose", "podman-compose"], "down", &["-v", "--volumes", "--rmi"], CONTAINERS)];

/// Of git: a subcommand, with one of these words.
const GIT: &[(&str, &[&str])] = &[
    ("reset", &["--hard", "--merge"]),
    ("clean", &["-f", "--force"]),
    ("push", &["-f", "--force", "--force-with-lease", "--delete", "-d", "--mirror", "--prune"]),
    ("branch", &["-D"]),
    ("checkout", &["-f", "--force", "--", "."]),
    ("switch", &["-f", "--force", "--discard-changes"]),
    ("restore", &[]),
    ("stash", &["drop", "clear"]),
    ("reflog", &["expire", "delete"]),
    ("filter-branch", &[]),
    ("filter-repo", &[]),
    ("update-ref", &["-d"]),
    ("worktree", &["-f", "--force"]),
    ("rm", &[]),
];

/// Programs that run what the words after them say.
const WRAPPERS: &[&str] = &[
    "sudo",
    "doas",
    "run0",
    "pkexec",
    "env",
    "nohup",
    "time",
    "nice",
    "ionice",
    "timeout",
    "xargs",
    "parallel",
    "command",
    "exec",
    "builtin",
    "eval",
    "watch",
    "setsid",
    "stdbuf",
    "find",
    "fd",
    "ssh",
    "su",
    "chroot",
    "strace",
    "and",
    "or",
    "not",
    "begin",
    "elif",
    "coproc",
    "noglob",
    "nocorrect",
    "function",
    "then",
    "do",
    "else",
    "if",
    "while",
    "until",
    "!",
    "{",
    "busybox",
    "flock",
    "systemd-run",
    "unshare",
    "nsenter",
    "entr",
];
const SHELLS: &[&str] = &["sh", "bash", "zsh", "fish", "dash", "ksh", "pwsh"];
/// Programs that run a text that they are given or read.
const INTERPRETERS: &[&str] = &["python", "python3", "perl", "ruby", "node", "deno", "php", "eval", "source"];
const FETCHES: &[&str] = &["curl", "wget", "fetch", "http", "https", "aria2c", "nc", "ncat"];
const AS_ROOT: &[&str] = &["sudo", "doas", "run0", "pkexec", "su"];
/// Devices that lose nothing when they are written to.
const HARMLESS: &[&str] = &["/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/zero", "/dev/full"];

const CUTS: &str = "cuts files off";
const STOPS: &str = "stops the machine";
const CONTAINERS: &str = "deletes containers, images or volumes";
const DELETES: &str = "deletes files for good";
const DISKS: &str = "changes disks or file systems";
const FIREWALL: &str = "changes the firewall";
const DATA: &str = "deletes data or what runs elsewhere";
const WORK: &str = "can throw work away that git holds or does not hold yet";

/// What a command does that one wants to look at twice, as the rest of a sentence.
pub(super) fn of(command: &str) -> Option<&'static str> {
    judged(command, 4)
}

fn judged(command: &str, depth: usize) -> Option<&'static str> {
    let without_spaces: String = command.chars().filter(|character| !character.is_whitespace()).collect();
    if without_spaces.contains("(){") && without_spaces.contains("|") && without_spaces.contains("&};") {
        return Some("starts processes without end");
    }
    let lower = command.to_lowercase();
    let sql = ["drop table", "drop database", "drop schema", "truncate table", "delete from"];
    if sql.iter().any(|statement| lower.contains(statement)) {
        return Some("deletes data");
    }
    let commands = words::split(command);
    let runs =
        |names: &[&str]| commands.iter().any(|simple| simple.words.iter().any(|word| names.contains(&program(word))));
    if runs(FETCHES) && (runs(SHELLS) || runs(INTERPRETERS)) {
        return Some("runs what it fetches from elsewhere");
    }
    if commands.first().is_some_and(|first| first.words.is_empty() && empties(first)) {
        return Some(CUTS);
    }
    let worst = commands.iter().find_map(|simple| of_simple(simple, depth));
    worst.or_else(|| runs(AS_ROOT).then_some("runs with the rights of root"))
}

fn of_simple(simple: &Simple, depth: usize) -> Option<&'static str> {
    if let Some(target) = simple.targets.iter().find(|target| is_grave(&target.path)) {
        return Some(if target.path.starts_with("/dev/") {
            "overwrites a device"
        } else {
            "overwrites a file of the system"
        });
    }
    let words: Vec<&str> = simple.words.iter().map(String::as_str).collect();
    let start = words.iter().position(|word| !is_assignment(word))?;
    let words = &words[start..];
    let name = program(words[0]);
    if matches!(words, [":" | "true"]) && empties(simple) {
        return Some(CUTS);
    }
    if let Some(what) = of_words(words) {
        return Some(what);
    }
    if depth > 0 && (SHELLS.contains(&name) || WRAPPERS.contains(&name)) {
        let mut texts = words[1..].iter().filter(|word| word.contains(char::is_whitespace));
        if let Some(what) = texts.find_map(|text| judged(text, depth - 1)) {
            return Some(what);
        }
    }
    // Which words belong to the wrapper is its own affair: one too many that is looked at does no harm.
    let is_wrapper = WRAPPERS.contains(&name);
    is_wrapper.then(|| (1..words.len()).find_map(|place| of_words(&words[place..]))).flatten()
}

/// Whether a command that prints nothing leaves a file empty.
fn empties(simple: &Simple) -> bool {
    simple.targets.iter().any(|target| target.is_emptied && !HARMLESS.contains(&target.path.as_str()))
}

/// A program with its arguments.
fn of_words(words: &[&str]) -> Option<&'static str> {
    let (name, arguments) = (program(words[0]), &words[1..]);
    if let Some((_, what)) = PROGRAMS.iter().find(|(names, _)| names.contains(&name)) {
        return Some(what);
    }
    if name.starts_with("mkfs") || name.starts_with("newfs") {
        return Some(DISKS);
    }
    if name == "dd" {
        let writes = arguments.iter().any(|word| word.strip_prefix("of=").is_some_and(|to| !HARMLESS.contains(&to)));
        return writes.then_some("overwrites a file or device");
    }
    if name == "tee" || name == "cp" || name == "mv" {
        return arguments
            .iter()
            .any(|target| is_grave(target))
            .then_some("overwrites a file of the system or a device");
    }
    if name == "git" {
        return GIT.iter().find_map(|(subcommand, marks)| {
            let place = arguments.iter().position(|word| word == subcommand)?;
            let rest = &arguments[place + 1..];
            let pushes_over = *subcommand == "push" && rest.iter().any(|word| word.starts_with(['+', ':']));
            let deletes =
                *subcommand == "branch" && has_any(rest, &["-d", "--delete"]) && has_any(rest, &["-f", "--force"]);
            let restores = *subcommand == "checkout" && restores(rest);
            (marks.is_empty() || pushes_over || deletes || restores || has_any(rest, marks)).then_some(WORK)
        });
    }
    let mut known = WITH_SUBCOMMANDS.iter().filter(|(names, ..)| names.contains(&name));
    let with_subcommand = known.find_map(|(_, subcommand, marks, what)| {
        let place = arguments.iter().position(|word| word == subcommand)?;
        has_any(&arguments[place + 1..], marks).then_some(*what)
    });
    if with_subcommand.is_some() {
        return with_subcommand;
    }
    let mut known = WITH_WORDS.iter().filter(|(names, ..)| names.contains(&name));
    known.find_map(|(_, marks, what)| has_any(arguments, marks).then_some(*what))
}

/// Whether `git checkout` takes files, and not a branch, as far as one can tell by names: what has an ending is a file, and so is
/// what comes behind a commit.
fn restores(arguments: &[&str]) -> bool {
    if has_any(arguments, &["-b", "-B", "--orphan", "-t", "--track"]) {
        return false;
    }
    let names: Vec<&&str> = arguments.iter().filter(|word| !word.starts_with('-')).collect();
    let has_ending = |name: &str| {
        let ending = name.rsplit('/').next().and_then(|file| file.rsplit_once('.')).map(|(_, ending)| ending);
        ending.is_some_and(|ending| ending.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '*'))
    };
    names.len() > 1 || names.iter().any(|name| name.contains('*') || name.ends_with('/') || has_ending(name))
}

/// Whether one of the arguments is one of these words, or holds one's letter among others: `-fd` for `-f`.
fn has_any(arguments: &[&str], marks: &[&str]) -> bool {
    arguments.iter().any(|word| {
        marks.iter().any(|mark| {
            let letter = mark.strip_prefix('-').filter(|letter| letter.len() == 1);
            let letters = word.strip_prefix('-').filter(|letters| !letters.starts_with('-'));
            word == mark || letter.zip(letters).is_some_and(|(letter, letters)| letters.contains(letter))
        })
    })
}

/// Whether losing what stands at a path is grave.
fn is_grave(path: &str) -> bool {
    let is_device = path.starts_with("/dev/") && !HARMLESS.contains(&path) && !path.starts_with("/dev/fd/");
    is_device || ["/etc/", "/boot/", "/usr/", "/bin/", "/sbin/", "/lib/"].iter().any(|folder| path.starts_with(folder))
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map(|(name, _)| name);
    name.is_some_and(|name| !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_'))
}

/// The name of a program, however it is called.
fn program(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

#[cfg(test)]
mod tests;
