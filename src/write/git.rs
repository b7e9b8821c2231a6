//! What git knows of the folder, where there is git: it is asked as a program, reads only, and whatever fails is as if it were not there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::git;

/// What git was last asked to do with the folder's repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Quiet,
    /// There is a stash: one that could not be put back without conflicts stays, and only the index tells.
    Stashed,
    /// The last thing that moved `HEAD` put two histories together, by commits made anew.
    Replayed,
    /// The same, by a commit of a merge.
    Merged,
    /// It waits for somebody to finish that.
    Merging,
}

impl State {
    pub fn is_of_a_merge(self) -> bool {
        matches!(self, Self::Merging | Self::Merged | Self::Replayed)
    }
}

/// Files of the git directory that are there while it waits. `REBASE_HEAD` outlives a rebase.
const WAITING: [&str; 6] = [
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "SQUASH_MSG",
    "rebase-merge",
    "rebase-apply",
];

/// First words of the reflog's messages about what puts histories together.
const MERGES: [&str; 3] = ["merge ", "pull", "commit (merge)"];
const REPLAYS: [&str; 6] = [
    "pull --rebase",
    "rebase",
    "cherry-pick",
    "commit (cherry-pick)",
    "revert",
    "am",
];

/// Asks no program, since every build wants to know.
pub fn state(root: &Path) -> State {
    let Some(git) = directory(root) else {
        return State::Quiet;
    };
    if WAITING.iter().any(|name| git.join(name).exists()) {
        return State::Merging;
    }
    // What a worktree shares with the others, stashes among it, is elsewhere.
    let common = fs::read_to_string(git.join("commondir")).ok();
    let common = common.map_or_else(|| git.clone(), |path| git.join(path.trim()));
    let log = fs::read_to_string(git.join("logs/HEAD")).unwrap_or_default();
    let last = log
        .lines()
        .next_back()
        .and_then(|line| line.split_once('\t'));
    let last = last.map_or("", |(_, message)| message);
    let begins = |words: &[&str]| words.iter().any(|word| last.starts_with(word));
    if begins(&REPLAYS) {
        State::Replayed
    } else if begins(&MERGES) && !last.ends_with("Fast-forward") {
        State::Merged
    } else if common.join("refs/stash").exists() {
        State::Stashed
    } else {
        State::Quiet
    }
}

/// Whether a rebase is under way.
pub fn rebases(root: &Path) -> bool {
    let under_way =
        |git: PathBuf| git.join("rebase-merge").exists() || git.join("rebase-apply").exists();
    directory(root).is_some_and(under_way)
}

/// The git directory of the repository that a folder is in.
fn directory(folder: &Path) -> Option<PathBuf> {
    let folder = fs::canonicalize(folder).ok()?;
    folder.ancestors().find_map(|folder| {
        let git = folder.join(".git");
        if git.is_dir() {
            return Some(git);
        }
        let link = fs::read_to_string(&git).ok()?;
        Some(folder.join(link.strip_prefix("gitdir:")?.trim()))
    })
}

/// An entry of the index that a merge left in conflict.
#[derive(Debug)]
pub struct Unmerged {
    pub path: String,
    /// 1 is the common ancestor, 2 is ours, 3 is theirs.
    pub stage: u8,
    pub object: String,
}

/// The repository that the folder is in.
#[derive(Debug)]
pub struct Repository {
    folder: PathBuf,
    /// The folder's path in the repository: empty, or with a slash at its end.
    prefix: String,
}

impl Repository {
    pub fn around(folder: &Path) -> Option<Self> {
        let mut repository = Self {
            folder: folder.to_path_buf(),
            prefix: String::new(),
        };
        let prefix = repository.text(&["rev-parse", "--show-prefix"])?;
        prefix
            .trim_end_matches('\n')
            .clone_into(&mut repository.prefix);
        Some(repository)
    }

    pub fn rebases(&self) -> bool {
        rebases(&self.folder)
    }

    /// A file of the folder in a commit, as git calls it.
    pub fn name(&self, commit: &str, path: &str) -> String {
        format!("{commit}:{}{path}", self.prefix)
    }

    /// Those of the commits that there are.
    pub fn commits(&self, names: &[String]) -> Vec<Option<String>> {
        self.look_up(names.iter().map(|name| format!("{name}^{{commit}}")))
    }

    /// The folder in each of the commits, if it is there.
    pub fn folders(&self, commits: &[String]) -> Vec<Option<String>> {
        let path = self.prefix.trim_end_matches('/');
        self.look_up(commits.iter().map(|commit| format!("{commit}:{path}")))
    }

    fn look_up(&self, names: impl Iterator<Item = String>) -> Vec<Option<String>> {
        let names: Vec<String> = names.collect();
        let input: String = names.iter().map(|name| format!("{name}\n")).collect();
        let answer = self.run(&["cat-file", "--batch-check=%(objectname)"], Some(&input));
        let answer = answer.and_then(|answer| String::from_utf8(answer).ok());
        let found = |line: &str| is_object(line).then(|| line.to_owned());
        let mut found: Vec<Option<String>> = answer
            .iter()
            .flat_map(|answer| answer.lines())
            .map(found)
            .collect();
        found.resize(names.len(), None);
        found
    }

    /// Contents of objects, by any name.
    pub fn contents(&self, names: &[String]) -> Vec<Option<Vec<u8>>> {
        let input: String = names.iter().map(|name| format!("{name}\n")).collect();
        let answer = self.run(&["cat-file", "--batch"], Some(&input));
        let mut rest = answer.as_deref().unwrap_or_default();
        let mut contents = Vec::with_capacity(names.len());
        for _ in names {
            contents.push(content(&mut rest));
        }
        contents
    }

    /// Files below a tree, each with its object.
    pub fn files(&self, tree: &str) -> BTreeMap<String, String> {
        let list = self.run(&["ls-tree", "-r", "-z", "--full-tree", tree], None);
        rows(&list.unwrap_or_default())
            .filter_map(|(facts, path)| {
                let mut facts = facts.split(' ');
                let is_file = facts.next()?.starts_with("100");
                is_file.then(|| Some((path.to_owned(), facts.nth(1)?.to_owned())))?
            })
            .collect()
    }

    /// What the index holds in conflict below the folder.
    pub fn unmerged(&self) -> Vec<Unmerged> {
        let list = self.run(&["ls-files", "--unmerged", "-z"], None);
        rows(&list.unwrap_or_default())
            .filter_map(|(facts, path)| {
                let mut facts = facts.split(' ');
                let is_file = facts.next()?.starts_with("100");
                let (object, stage) = (facts.next()?.to_owned(), facts.next()?.parse().ok()?);
                is_file.then(|| Unmerged {
                    path: path.to_owned(),
                    stage,
                    object,
                })
            })
            .collect()
    }

    /// The commits that other heads than `HEAD` name: of a merge there may be several.
    pub fn merge_heads(&self) -> Vec<String> {
        let path = self.text(&["rev-parse", "--git-path", "MERGE_HEAD"]);
        let path = path.map(|path| self.folder.join(path.trim_end_matches('\n')));
        let heads = path.and_then(|path| fs::read_to_string(path).ok());
        heads
            .iter()
            .flat_map(|heads| heads.lines())
            .map(str::to_owned)
            .collect()
    }

    /// Common ancestors.
    pub fn bases(&self, one: &str, other: &str) -> Vec<String> {
        let bases = self.text(&["merge-base", "--all", one, other]);
        bases
            .iter()
            .flat_map(|bases| bases.lines())
            .map(str::to_owned)
            .collect()
    }

    /// The last commits that changed a file of the folder, among the ancestors of some.
    pub fn commits_of(&self, path: &str, from: &[String], most: usize) -> Vec<String> {
        let most = format!("--max-count={most}");
        let mut arguments = vec!["rev-list", &most];
        arguments.extend(from.iter().map(String::as_str));
        arguments.extend(["--", path]);
        let commits = self.text(&arguments);
        commits
            .iter()
            .flat_map(|commits| commits.lines())
            .map(str::to_owned)
            .collect()
    }

    /// A merge of three texts in which no conflict is left: where two exchange the same lines, `prefer` decides.
    pub fn merge(&self, prefer: &str, ours: &[u8], base: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
        let scratch = tempfile::tempdir().ok()?;
        let mut arguments = vec!["merge-file".to_owned(), "-p".to_owned(), prefer.to_owned()];
        for (name, content) in [("ours", ours), ("base", base), ("theirs", theirs)] {
            let path = scratch.path().join(name);
            fs::write(&path, content).ok()?;
            arguments.push(path.to_str()?.to_owned());
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.run(&arguments, None)
    }

    fn text(&self, arguments: &[&str]) -> Option<String> {
        String::from_utf8(self.run(arguments, None)?).ok()
    }

    /// What git prints, if it succeeds.
    fn run(&self, arguments: &[&str], input: Option<&str>) -> Option<Vec<u8>> {
        git::run(&self.folder, arguments, input).ok()
    }
}

fn is_object(text: &str) -> bool {
    text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Lines of git's that end with a zero byte: facts, a tab, a path. Paths that are no text are none of the compiler's.
fn rows(list: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    list.split(|byte| *byte == 0)
        .filter_map(|row| str::from_utf8(row).ok()?.split_once('\t'))
}

/// Takes one answer of `cat-file --batch`: a line with name, type and size, and the content, or a line that says why not.
fn content(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let (line, after) = rest.split_at_checked(end)?;
    *rest = after.get(1..)?;
    let size: usize = str::from_utf8(line)
        .ok()?
        .rsplit_once(' ')?
        .1
        .parse()
        .ok()?;
    let (content, after) = rest.split_at_checked(size)?;
    *rest = after.get(1..)?;
    Some(content.to_vec())
}
