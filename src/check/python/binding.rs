//! What a module binds a name to.

use super::scan::{Statement, Token};

/// What a name of a module is, once the module was imported.
#[derive(Debug, PartialEq, Eq)]
pub enum Binding {
    /// Nothing binds it, certainly.
    Absent,
    /// A function whose caller gets a coroutine.
    Coroutine,
    /// A plain function, as it is called.
    Function(Parameters),
    /// A value that nothing can call.
    Value,
    /// Bound by something else, or perhaps.
    Unknown,
}

/// What a function takes.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Parameters {
    /// By position.
    pub most: usize,
    /// Of these without a default.
    pub least: usize,
    /// Any number more by position.
    pub takes_rest: bool,
    /// By name only, without a default.
    pub required_names: usize,
}

impl Parameters {
    /// Whether a call with so many values, by position, comes to pass.
    pub fn take(&self, values: usize) -> bool {
        self.required_names == 0 && self.least <= values && (self.takes_rest || values <= self.most)
    }
}

/// Words by which a module may bind names that stand nowhere as such.
const DYNAMIC: [&str; 8] = [
    "exec",
    "eval",
    "globals",
    "locals",
    "vars",
    "setattr",
    "modules",
    "__getattr__",
];

/// Names that lead to others, one after the other.
const MOST_NAMES: usize = 8;

/// What the module binds the name to.
pub fn binding(statements: &[Statement<'_>], name: &str) -> Binding {
    let mut tokens = statements.iter().flat_map(|statement| &statement.tokens);
    if tokens.any(|token| DYNAMIC.iter().any(|word| token.is(word))) {
        return Binding::Unknown;
    }
    bound(statements, name, MOST_NAMES)
}

/// The last statement that binds the name decides.
fn bound(statements: &[Statement<'_>], name: &str, most: usize) -> Binding {
    let mut all = statements.iter().flat_map(|statement| &statement.tokens);
    let has_global = all.any(|token| token.is("global"));
    let mut found = Binding::Absent;
    let mut is_decorated = false;
    let mut is_inside = false;
    for (at, statement) in statements.iter().enumerate() {
        let tokens = statement.tokens.as_slice();
        let may_bind = || may_bind(tokens, name) || takes_all(tokens);
        if !statement.is_top {
            // Names of a function or class are its own, unless it says otherwise.
            if has_global && may_bind() {
                return Binding::Unknown;
            }
            if !is_inside && may_bind() {
                found = Binding::Unknown;
            }
            continue;
        }
        let (is_async, head) = match tokens {
            [first, rest @ ..] if first.is("async") => (true, rest),
            all => (false, all),
        };
        is_inside = false;
        match head {
            [word, Token::Word(defined), rest @ ..] if word.is("def") || word.is("class") => {
                is_inside = true;
                if *defined == name {
                    found = match () {
                        () if is_decorated || word.is("class") => Binding::Unknown,
                        () if is_async => Binding::Coroutine,
                        () => parameters(rest, ')').map_or(Binding::Unknown, Binding::Function),
                    };
                }
            }
            [word, names @ ..] if word.is("del") && lists(names, name) => found = Binding::Absent,
            [Token::Word(target), Token::Sign(':'), annotation @ ..] if *target == name => {
                let mut parts = annotation.splitn(2, |token| token.is_sign('='));
                if let (Some(_), Some(value)) = (parts.next(), parts.next()) {
                    found = assigned(value, statements.get(..at), most);
                }
            }
            [Token::Word(target), Token::Sign('='), value @ ..] if *target == name => {
                found = assigned(value, statements.get(..at), most);
            }
            _ if may_bind() => found = Binding::Unknown,
            _ => (),
        }
        is_decorated = tokens.first().is_some_and(|token| token.is_sign('@'));
    }
    found
}

/// Whether `del` names it, among plain names.
fn lists(names: &[Token<'_>], name: &str) -> bool {
    let is_plain = |token: &Token<'_>| matches!(token, Token::Word(_) | Token::Sign(','));
    names.iter().all(is_plain) && names.iter().any(|token| token.is(name))
}

/// What a value is that is given to a name, after these statements.
fn assigned(value: &[Token<'_>], before: Option<&[Statement<'_>]>, most: usize) -> Binding {
    let is_number = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
    match value {
        [Token::Word("lambda"), rest @ ..] => {
            parameters(rest, ':').map_or(Binding::Unknown, Binding::Function)
        }
        [Token::Word("None" | "True" | "False")] => Binding::Value,
        [Token::Word(word)] if is_number(word) => Binding::Value,
        [Token::Word(other)] => match (before, most.checked_sub(1)) {
            // What the module does not bind, Python may.
            (Some(before), Some(most)) => match bound(before, other, most) {
                Binding::Absent => Binding::Unknown,
                found => found,
            },
            _ => Binding::Unknown,
        },
        [Token::Text, rest @ ..] if rest.iter().all(|token| *token == Token::Text) => {
            Binding::Value
        }
        [Token::Sign('[' | '{'), Token::Sign(']' | '}')] => Binding::Value,
        _ => Binding::Unknown,
    }
}

/// Whether a statement names the name otherwise than as an attribute or to call it.
fn may_bind(tokens: &[Token<'_>], name: &str) -> bool {
    let before = [None].into_iter().chain(tokens.iter().map(Some));
    let after = tokens.iter().skip(1).map(Some).chain([None]);
    let mut places = before.zip(tokens).zip(after);
    places.any(|((before, token), after)| {
        let is_attribute = before.is_some_and(|token| token.is_sign('.'));
        let is_defined = before.is_some_and(|token| token.is("def") || token.is("class"));
        let is_called = after.is_some_and(|token| token.is_sign('('));
        token.is(name) && !is_attribute && (is_defined || !is_called)
    })
}

/// `from x import *`
fn takes_all(tokens: &[Token<'_>]) -> bool {
    let mut pairs = tokens.iter().zip(tokens.iter().skip(1));
    pairs.any(|(one, next)| one.is("import") && next.is_sign('*'))
}

/// The parameters of a function, from what follows its name, or those of a lambda, which a colon ends; nothing where it has type parameters
/// or another odd form.
fn parameters(tokens: &[Token<'_>], end: char) -> Option<Parameters> {
    let rest = match tokens {
        [open, rest @ ..] if end == ')' && open.is_sign('(') => rest,
        _ if end == ')' => return None,
        all => all,
    };
    let mut found = Parameters::default();
    let mut by_name = false;
    let mut depth = 0usize;
    let mut part: Vec<Token<'_>> = Vec::new();
    for token in rest {
        match token {
            // Its own parameters stand between commas too.
            Token::Word("lambda") => return None,
            Token::Sign('(' | '[' | '{') => depth += 1,
            Token::Sign(sign) if depth == 0 && *sign == end => {
                add(&part, &mut found, &mut by_name);
                return Some(found);
            }
            Token::Sign(')' | ']' | '}') => depth = depth.checked_sub(1)?,
            Token::Sign(',') if depth == 0 => {
                add(&part, &mut found, &mut by_name);
                part.clear();
                continue;
            }
            _ => (),
        }
        // What is within brackets says nothing of the parameter itself.
        if depth == 0 {
            part.push(*token);
        }
    }
    None
}

fn add(part: &[Token<'_>], found: &mut Parameters, by_name: &mut bool) {
    let has_default = part.iter().any(|token| token.is_sign('='));
    match part {
        [] | [Token::Sign('/')] => (),
        [Token::Sign('*'), Token::Sign('*'), ..] => (),
        [Token::Sign('*'), rest @ ..] => {
            *by_name = true;
            found.takes_rest |= !rest.is_empty();
        }
        _ if *by_name => found.required_names += usize::from(!has_default),
        _ => {
            found.most += 1;
            found.least += usize::from(!has_default);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan;
    use super::{Binding, binding};

    fn of(source: &str) -> Binding {
        let statements = scan(source, "python3.14").unwrap();
        binding(&statements.unwrap(), "handle")
    }

    #[test]
    fn what_is_certainly_not_there_is_absent() {
        for source in [
            "",
            "def handler(event, context):\n    return handle\n",
            "\"\"\"\ndef handle(event, context): ...\n\"\"\"\n",
            "# def handle(event, context): ...\n",
            "class App:\n    def handle(self, event):\n        handle = 1\n",
            "def other(handle):\n    handle += 1\n",
            "app.handle = 1\nimport json\n",
            "if __name__ == '__main__':\n    print(handle(1, 2))\n",
        ] {
            assert_eq!(of(source), Binding::Absent, "{source}");
        }
    }

    #[test]
    fn whatever_may_bind_it_is_left_to_python() {
        for source in [
            "handle = App().run\n",
            "handle: object = make\n",
            "handle = [make][0]\n",
            "handle = other = None\n",
            "handle, other = None, 1\n",
            "if x:\n    handle = None\n",
            "if x: y = 1; handle = None\n",
            "try:\n    from app import handle\nexcept ImportError:\n    handle = None\n",
            "handle = one\none = 1\n",
            "handle = None\nhandle = wrap(handle)\n",
            "del (handle)\n",
            "from app import handle\n",
            "from app import (\n    main as handle,\n)\n",
            "from app import *\n",
            "import handle\n",
            "try:\n    from app import handle\nexcept ImportError:\n    raise\n",
            "if True:\n    def handle(a): ...\n",
            "if True: from app import *\n",
            "globals()['handle'] = 1\n",
            "def __getattr__(name): ...\n",
            "def make():\n    global handle\n    handle = 1\n",
            "@wraps\ndef handle(): ...\n",
            "@wraps(\n    1\n)\nasync def handle(): ...\n",
            "class handle: ...\n",
            "for handle, _ in pairs: ...\n",
            "def handle(a): ...\nif x:\n    def handle(a, b): ...\n",
            "def handle(a, b): ...\ndef reset():\n    global handle\n    handle = None\n",
            "def handle[T](a: T): ...\n",
            "def handle(a, b=lambda c, d: c): ...\n",
            "match x:\n    case handle: ...\n",
        ] {
            assert_eq!(of(source), Binding::Unknown, "{source}");
        }
    }

    #[test]
    fn parameters_are_counted() {
        for (parameters, takes_two) in [
            ("event, context", true),
            ("event: dict[str, int], context: object = None, /", true),
            ("event, context, more=(1, 2), *, named=3, **rest", true),
            ("*values", true),
            ("event, *, context=None", false),
            ("event", false),
            ("", false),
            ("event, context, more", false),
            ("event, context, *, named", false),
            ("**rest", false),
        ] {
            let source = format!("def handle({parameters}) -> None:\n    ...\n");
            let Binding::Function(found) = of(&source) else {
                panic!("{source}");
            };
            assert_eq!(found.take(2), takes_two, "{source}");
        }
        assert_eq!(of("async def handle(a, b): ...\n"), Binding::Coroutine);
    }

    #[test]
    fn the_last_word_counts() {
        let function = |source: &str, takes_two: bool| match of(source) {
            Binding::Function(found) => assert_eq!(found.take(2), takes_two, "{source}"),
            other => panic!("{source}: {other:?}"),
        };
        function("def handle(a): ...\ndef handle(a, b): ...\n", true);
        function(
            "try:\n    from app import handle\nexcept ImportError: ...\ndef handle(a): ...\n",
            false,
        );
        function("handle = lambda event: 1\n", false);
        function("handle = lambda event, context=(1, 2): 1\n", true);
        function("handle = lambda *values: 1\n", true);
        function("def main(a, b): ...\nhandle = main\n", true);
        function("def main(a): ...\nhandle: object = main\n", false);
        function("def handle(a, b): ...\nhandle: object\n", true);
        for source in [
            "handle = None\n",
            "def handle(a, b): ...\nhandle = None\n",
            "handle = 'text' 'more'\n",
            "handle = 3\n",
            "handle: dict = {}\n",
            "one = 1\nhandle = one\n",
        ] {
            assert_eq!(of(source), Binding::Value, "{source}");
        }
        for source in [
            "def handle(a, b): ...\ndel handle\n",
            "def other(): ...\ndef handle(a, b): ...\ndel other, handle\n",
        ] {
            assert_eq!(of(source), Binding::Absent, "{source}");
        }
        assert_eq!(
            of("async def main(a, b): ...\nhandle = main\n"),
            Binding::Coroutine
        );
    }
}
