//! What a collection's documents have (`mia-platform.md` §9.7).

use crate::State;

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// Text. `null` becomes the empty text unless the column is nullable.
    String,
    /// A number, also as text.
    Number,
    /// A flag.
    Boolean,
    /// A moment, to the millisecond.
    Date,
    /// Any objects.
    ArrayOfRawObjects,
    /// Any object.
    RawObject,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: FieldType,
    pub(crate) required: bool,
}

impl Field {
    /// A column that every document has.
    pub const fn required(name: &'static str, kind: FieldType) -> Self {
        Self { name, kind, required: true }
    }

    /// A column that a document may lack.
    pub const fn optional(name: &'static str, kind: FieldType) -> Self {
        Self { name, kind, required: false }
    }
}

/// What documents are named by (`mia-platform.md` §9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdKind {
    ObjectId,
    Uuid,
}

/// A collection's definition.
#[derive(Debug, Clone)]
pub struct Collection {
    pub(crate) path: String,
    pub(crate) id_kind: IdKind,
    pub(crate) default_state: State,
    pub(crate) fields: Vec<Field>,
}

impl Collection {
    /// The collection at a path such as `/bk-ts-teleconsultations`, whose documents begin in `default_state`.
    pub fn new(path: impl Into<String>, default_state: State, fields: Vec<Field>) -> Self {
        Self { path: path.into(), id_kind: IdKind::ObjectId, default_state, fields }
    }

    /// The teleconsultations of the Booking Module (`teleconsultation-service.md` §10.1).
    pub fn teleconsultations() -> Self {
        use FieldType::{ArrayOfRawObjects, Date, Number, String};
        let fields = vec![
            Field::required("bandyerRoomId", String),
            Field::required("participants", ArrayOfRawObjects),
            Field::required("participantsNumber", Number),
            Field::optional("teleconsultationState", String),
            Field::required("startDate", Date),
            Field::optional("endDate", Date),
            Field::optional("duration", Number),
        ];
        Self::new("/bk-ts-teleconsultations", State::Public, fields)
    }

    /// The user-id map of the Booking Module (`teleconsultation-service.md` §10.2).
    pub fn user_id_map() -> Self {
        let fields = ["bandyerId", "receivedUserId"].map(|name| Field::required(name, FieldType::String));
        Self::new("/bk-ts-userid-maps", State::Public, fields.into())
    }

    /// Without an optional column, as a collection in the field may be.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|field| field.name != name);
        self
    }

    /// With UUIDs as ids.
    #[must_use]
    pub fn with_uuids(mut self) -> Self {
        self.id_kind = IdKind::Uuid;
        self
    }

    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The type of any column, those of the service among them.
    pub(crate) fn kind(&self, name: &str) -> Option<FieldType> {
        match name {
            "_id" | "creatorId" | "updaterId" | "__STATE__" => Some(FieldType::String),
            "createdAt" | "updatedAt" => Some(FieldType::Date),
            _ => self.field(name).map(|field| field.kind),
        }
    }
}
