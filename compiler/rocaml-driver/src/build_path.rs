//! Names of files as messages and outputs show them: `-absname` and `BUILD_PATH_PREFIX_MAP`.

use crate::host::Host;

/// A path as outputs may show it: `BUILD_PATH_PREFIX_MAP` replaces beginnings of paths, the last
/// that fits.
pub fn rewritten(host: &dyn Host, path: &str) -> String {
    let decoded = |text: &str| text.replace("%+", "=").replace("%.", ":").replace("%#", "%");
    let map = host.variable("BUILD_PATH_PREFIX_MAP").unwrap_or_default();
    let rules = map.split(':').rev().filter_map(|rule| rule.split_once('='));
    rules
        .filter_map(|(to, from)| Some(format!("{}{}", decoded(to), path.strip_prefix(&decoded(from))?)))
        .next()
        .unwrap_or_else(|| path.to_owned())
}

/// The absolute name of a file, without `.` and `..`.
pub fn absolute(host: &dyn Host, path: &str) -> String {
    let whole = match host.current_directory() {
        Ok(directory) if !path.starts_with('/') => format!("{}/{path}", directory.display()),
        _ => path.to_owned(),
    };
    let whole = rewritten(host, &whole);
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    let root = if whole.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}
