//! Enumerations that keep the values they do not know.

/// Declares an enumeration of texts with one more variant, `Other`, for any text that is not listed.
macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A value that this library does not know.
            Other(String),
        }

        impl $name {
            /// Returns the text as it is on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $($name::$variant => $text,)+
                    $name::Other(text) => text,
                }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => $name::$variant,)+
                    _ => $name::Other(text),
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                text.to_owned().into()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

pub(crate) use open_enum;

#[cfg(test)]
mod tests {
    use crate::Role;

    #[test]
    fn a_known_text_and_back() {
        assert_eq!(Role::from("plus"), Role::Plus);
        assert_eq!(Role::Plus.as_str(), "plus");
    }

    #[test]
    fn an_unknown_text_is_kept() {
        assert_eq!(Role::from("auditor"), Role::Other("auditor".to_owned()));
        assert_eq!(Role::from("auditor").as_str(), "auditor");
    }
}
