//! How does text become an expression?

use serde_json::Value;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Literal(Value),
    List(Vec<Expr>),
    Name(String),
    Field(Box<Expr>, String),
    Index(Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Binary(Box<Expr>, Operator, Box<Expr>),
    Choice(Box<Expr>, Box<Expr>, Box<Expr>),
    Call { target: Option<Box<Expr>>, name: String, args: Vec<Expr> },
}

impl Expr {
    /// The names of all fields that the expression looks at; what is looked up in a map, such as a label, is none.
    pub(super) fn fields(&self) -> Vec<&str> {
        let mut fields = Vec::new();
        self.collect_fields(&mut fields);
        fields
    }

    fn collect_fields<'e>(&'e self, fields: &mut Vec<&'e str>) {
        const MAPS: [&str; 5] = ["labels", "annotations", "nodeSelector", "requests", "limits"];
        match self {
            Self::Literal(_) | Self::Name(_) => {}
            Self::Field(target, name) => {
                target.collect_fields(fields);
                if !matches!(&**target, Self::Field(_, map) if MAPS.contains(&map.as_str())) {
                    fields.push(name);
                }
            }
            Self::Not(inner) | Self::Negative(inner) => inner.collect_fields(fields),
            Self::Index(left, right) | Self::Binary(left, _, right) => {
                left.collect_fields(fields);
                right.collect_fields(fields);
            }
            Self::Choice(condition, yes, no) => {
                for part in [condition, yes, no] {
                    part.collect_fields(fields);
                }
            }
            Self::List(items) => {
                for item in items {
                    item.collect_fields(fields);
                }
            }
            Self::Call { target, args, .. } => {
                if let Some(target) = target {
                    target.collect_fields(fields);
                }
                for arg in args {
                    arg.collect_fields(fields);
                }
            }
        }
    }
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Plus,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Text(String),
    Number(i64),
    Word(String),
    Sign(&'static str),
}

const SIGNS: [&str; 22] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", "[", "]", ",", ".", "?", ":", "+", "-", "{",
    "}", "*",
];

/// Reads an expression; none for what is not modelled.
pub(super) fn parse(text: &str) -> Option<Expr> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0 };
    let expression = parser.choice()?;
    (parser.next == parser.tokens.len()).then_some(expression)
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = if first == '\'' || first == '"' {
            string(rest, first)?
        } else if first.is_ascii_digit() {
            let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            (Token::Number(rest[..length].parse().ok()?), length)
        } else if first.is_ascii_alphabetic() || first == '_' {
            let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            (Token::Word(rest[..length].to_owned()), length)
        } else {
            let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign))?;
            (Token::Sign(sign), sign.len())
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Some(tokens)
}

/// A quoted text, with the escapes that occur in practice.
fn string(rest: &str, quote: char) -> Option<(Token, usize)> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Some((Token::Text(text), at + 1)),
            '\\' => text.push(match chars.next()?.1 {
                'n' => '\n',
                't' => '\t',
                c @ ('\\' | '\'' | '"') => c,
                _ => return None,
            }),
            c => text.push(c),
        }
    }
    None
}

/// How deep expressions may nest; deeper ones are not modelled.
const DEEPEST: usize = 64;

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn take(&mut self, sign: &str) -> bool {
        let there = matches!(self.tokens.get(self.next), Some(Token::Sign(s)) if *s == sign);
        self.next += usize::from(there);
        there
    }

    fn choice(&mut self) -> Option<Expr> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let condition = self.binary(0)?;
        let expression = if self.take("?") {
            let yes = self.choice()?;
            let no = self.take(":").then(|| self.choice())??;
            Expr::Choice(condition.into(), yes.into(), no.into())
        } else {
            condition
        };
        self.depth -= 1;
        Some(expression)
    }

    fn binary(&mut self, level: usize) -> Option<Expr> {
        const LEVELS: [&[(&str, Operator)]; 4] = [
            &[("||", Operator::Or)],
            &[("&&", Operator::And)],
            &[
                ("==", Operator::Equal),
                ("!=", Operator::Unequal),
                ("<=", Operator::LessOrEqual),
                (">=", Operator::GreaterOrEqual),
                ("<", Operator::Less),
                (">", Operator::Greater),
                ("in", Operator::In),
            ],
            &[("+", Operator::Plus)],
        ];
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.take_operator(sign)) {
            let right = self.binary(level + 1)?;
            left = Expr::Binary(left.into(), *operator, right.into());
        }
        Some(left)
    }

    fn take_operator(&mut self, sign: &str) -> bool {
        let is_word =
            matches!(self.tokens.get(self.next), Some(Token::Word(word)) if sign == "in" && word == "in");
        self.next += usize::from(is_word);
        is_word || self.take(sign)
    }

    fn unary(&mut self) -> Option<Expr> {
        if self.take("!") {
            return Some(Expr::Not(self.unary()?.into()));
        }
        if self.take("-") {
            return Some(Expr::Negative(self.unary()?.into()));
        }
        let mut expression = self.primary()?;
        loop {
            if self.take(".") {
                let Some(Token::Word(name)) = self.tokens.get(self.next).cloned() else { return None };
                self.next += 1;
                expression = if self.take("(") {
                    Expr::Call { target: Some(expression.into()), name, args: self.list(")")? }
                } else {
                    Expr::Field(expression.into(), name)
                };
            } else if self.take("[") {
                let index = self.choice()?;
                expression = self.take("]").then(|| Expr::Index(expression.into(), index.into()))?;
            } else {
                return Some(expression);
            }
        }
    }

    fn primary(&mut self) -> Option<Expr> {
        let token = self.tokens.get(self.next)?.clone();
        self.next += 1;
        Some(match token {
            Token::Text(text) => Expr::Literal(text.into()),
            Token::Number(number) => Expr::Literal(number.into()),
            Token::Sign("(") => {
                let inner = self.choice()?;
                self.take(")").then_some(inner)?
            }
            Token::Sign("[") => Expr::List(self.list("]")?),
            Token::Sign(_) => return None,
            Token::Word(word) => match word.as_str() {
                "true" => Expr::Literal(true.into()),
                "false" => Expr::Literal(false.into()),
                "null" => Expr::Literal(Value::Null),
                _ if self.take("(") => Expr::Call { target: None, name: word, args: self.list(")")? },
                _ => Expr::Name(word),
            },
        })
    }

    fn list(&mut self, end: &str) -> Option<Vec<Expr>> {
        let mut items = Vec::new();
        while !self.take(end) {
            if !items.is_empty() && !self.take(",") {
                return None;
            }
            items.push(self.choice()?);
        }
        Some(items)
    }
}
