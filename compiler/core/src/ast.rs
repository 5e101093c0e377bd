//! What was written: every document in order, as the plain type of its kind. Noun file.
//!
//! No spans and no trees are kept: a document knows where its text is, and is read again when a place in it is shown.

use headwater_crds::object::{Kind, Object};

use crate::diagnostic::DocumentId;
use crate::source::FileId;

/// All documents of a compile run, in order of file and position.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ast {
    documents: Vec<Document>,
}

/// One object, or what is known of one that could not be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Where it came from.
    pub origin: Origin,
    /// What it says.
    pub content: Content,
}

/// Where a document came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Bytes of a file.
    Text {
        /// The file.
        file: FileId,
        /// First byte of the YAML document.
        start: u32,
        /// One past its last byte.
        end: u32,
        /// Which item, if the YAML document is a list of objects.
        item: Option<u32>,
    },
    /// An object of the cluster: places in it are shown as pointers.
    Cluster,
}

/// What a document says.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// An object that has the shape of its kind.
    Object(Object),
    /// An object that has not; its problems are reported, and who refers to it must not be blamed.
    Failed(Identity),
    /// An object that has gone on to the next verb; diagnostics still call it by its name.
    Taken(Identity),
}

/// As much of the identity of an object as could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// Its kind.
    pub kind: Option<Kind>,
    /// Its namespace, as written.
    pub namespace: Option<String>,
    /// Its name.
    pub name: Option<String>,
}

impl Ast {
    /// The documents, each with its id.
    pub fn iter(&self) -> impl Iterator<Item = (DocumentId, &Document)> {
        (0u32..).map(DocumentId).zip(&self.documents)
    }

    /// The objects that could be read, each with the id of its document.
    pub fn objects(&self) -> impl Iterator<Item = (DocumentId, &Object)> {
        self.iter().filter_map(|(id, document)| match &document.content {
            Content::Object(object) => Some((id, object)),
            Content::Failed(_) | Content::Taken(_) => None,
        })
    }

    /// Moves the objects out, each with the id of its document; where they stand stays known.
    pub(crate) fn take_objects(&mut self) -> Vec<(DocumentId, Object)> {
        let mut objects = Vec::new();
        for (id, document) in (0u32..).map(DocumentId).zip(&mut self.documents) {
            let taken = Content::Taken(document.identity());
            match std::mem::replace(&mut document.content, taken) {
                Content::Object(object) => objects.push((id, object)),
                other @ (Content::Failed(_) | Content::Taken(_)) => document.content = other,
            }
        }
        objects
    }

    /// The objects that could not be read, each with the id of its document.
    pub fn failed(&self) -> impl Iterator<Item = (DocumentId, &Identity)> {
        self.iter().filter_map(|(id, document)| match &document.content {
            Content::Object(_) | Content::Taken(_) => None,
            Content::Failed(identity) => Some((id, identity)),
        })
    }

    /// The document with this id.
    ///
    /// # Panics
    /// If the id came from another tree.
    pub fn document(&self, id: DocumentId) -> &Document {
        &self.documents[id.0 as usize]
    }

    /// The id that the next document gets.
    pub(crate) fn next(&self) -> DocumentId {
        DocumentId(
            u32::try_from(self.documents.len()).expect("files within their limit hold fewer documents"),
        )
    }

    /// Adds a document.
    pub(crate) fn push(&mut self, document: Document) {
        self.documents.push(document);
    }
}

impl Document {
    /// As much of its identity as is known.
    pub fn identity(&self) -> Identity {
        let object = match &self.content {
            Content::Object(object) => object,
            Content::Failed(identity) | Content::Taken(identity) => return identity.clone(),
        };
        let (name, namespace) = match object {
            Object::DataProduct(object) => (&object.metadata.name, &object.metadata.namespace),
            Object::DataContract(object) => (&object.metadata.name, &object.metadata.namespace),
            Object::Platform(object) => (&object.metadata.name, &object.metadata.namespace),
            Object::Approval(object) => (&object.metadata.name, &object.metadata.namespace),
            Object::ContractLock(_) => {
                return Identity { kind: Some(Kind::ContractLock), namespace: None, name: None };
            }
            Object::DataProductTest(test) => {
                return Identity {
                    kind: Some(Kind::DataProductTest),
                    namespace: test.metadata.namespace.as_deref().map(str::to_owned),
                    name: test.metadata.name.as_deref().map(str::to_owned),
                };
            }
        };
        Identity {
            kind: Some(object.kind()),
            namespace: namespace.as_deref().map(str::to_owned),
            name: Some(name.to_string()),
        }
    }
}
