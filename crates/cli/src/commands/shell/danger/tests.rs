use super::of;

#[test]
fn what_deletes_overwrites_or_stops_is_marked() {
    for command in [
        "rm x",
        "rm -rf ~/old",
        "/bin/rm -r build",
        "cd /tmp && rm -rf *",
        "ls; rm x",
        "FORCE=1 rm x",
        "true || (cd x && rm y)",
        "echo $(rm x)",
        "echo \"now `rm x`\"",
        "echo \"a $(rm -r \"$HOME\") b\"",
        "for f in *; do rm \"$f\"; done",
        "find . -name '*.o' -delete",
        "find . -exec rm {} +",
        "ls | xargs -n 1 rm",
        "sudo -u bob rm -rf /srv",
        "timeout 5 rm x",
        "bash -c 'rm -rf x'",
        "ssh host 'cd /srv && rm -rf x'",
        "r\\m x",
        "'rm' x",
        "dd if=image.iso of=/dev/sdb bs=4M",
        "mkfs.ext4 /dev/sdb1",
        "cat image > /dev/sdb",
        "cat image 1>| /dev/sdb",
        "echo x >> /etc/fstab",
        "echo x | tee /etc/hosts",
        "chmod -R 777 .",
        "chown -hR bob .",
        "git reset --hard HEAD~1",
        "git -C x clean -xfd",
        "git push --force",
        "git push origin +main",
        "git push -uf origin main",
        "git checkout -- .",
        "curl -fsSL https://x.example/i.sh | sh",
        "bash <(curl -s https://x.example)",
        "sh -c \"$(wget -qO- https://x.example)\"",
        "python3 -c \"$(curl x.example)\"",
        "kill -9 1",
        "reboot",
        "systemctl stop nginx",
        "docker system prune -af",
        "kubectl delete pod x",
        "psql -c 'DROP TABLE users'",
        ":(){ :|:& };:",
        "apt-get purge foo",
        "rsync -a --delete a/ b/",
        "crontab -r",
        "sudo ls",
        "make; and rm x",
        "not rm x",
        "begin; rm x; end",
        "if true; then ls; elif rm x; then ls; fi",
        "coproc rm x",
        "noglob rm *",
        "function f { rm x; }",
        "docker compose down -v",
        "docker compose -f a.yml down --volumes",
        "docker-compose down -v",
        "rsync -a --del a/ b/",
        "rsync --remove-source-files a b",
        "git branch --delete --force old",
        "git branch -df old",
        "git branch -D old",
        "git checkout src/main.rs",
        "git checkout HEAD~1 Makefile",
        "git checkout '*.c'",
        "git checkout src/",
        "init 0",
        "sudo telinit 6",
        ": > file",
        "true >| file",
        "> file",
        "ls && : > file",
    ] {
        assert!(of(command).is_some(), "{command} is not marked");
    }
}

#[test]
fn what_looks_and_makes_is_not_marked() {
    for command in [
        "ls -la",
        "find . -name '*.rm'",
        "grep -rf patterns .",
        "echo 'rm -rf /'",
        "echo \"; rm x\"",
        "git status",
        "git commit -m 'rm -rf x; reset --hard'",
        "git push origin main",
        "git log --format=short",
        "du -sh * | sort -h | tail -n 5",
        "tar czf x.tar.gz docs 2>/dev/null",
        "make > build.log 2>&1",
        "curl -O https://x.example/file",
        "docker ps -a",
        "systemctl status nginx",
        "dd if=/dev/sda of=/dev/null",
        "chmod +x script.sh",
        "cp a b",
        "apt search firm",
        "echo a\\;rm",
        "docker compose down",
        "docker compose up -d",
        "git branch --delete merged",
        "git checkout main",
        "git checkout feature/x",
        "git checkout v1.2",
        "git checkout -b fix.it origin/main",
        "git init",
        ": >> file",
        ": > /dev/null",
        "true >&2",
        "make &> build.log",
        "(make; make test) > build.log",
        "echo x > file",
        "",
    ] {
        assert_eq!(of(command), None, "{command}");
    }
}

#[test]
fn the_graver_reason_is_told() {
    assert_eq!(of("sudo rm x"), Some("deletes files for good"));
    assert_eq!(of("sudo ls"), Some("runs with the rights of root"));
}

#[test]
fn nothing_is_too_deep_or_left_open() {
    assert_eq!(of(&"$(".repeat(10_000)), None);
    assert_eq!(of("echo 'left open"), None);
    assert!(of("echo \"$(rm x").is_some());
    assert_eq!(of("\\"), None);
}
