//! The kinds and the object of any of them. Noun file.

use crate::approval::Approval;
use crate::contract::DataContract;
use crate::lock::ContractLock;
use crate::platform::Platform;
use crate::product::DataProduct;
use crate::test::DataProductTest;

/// Group of every kind.
pub const GROUP: &str = "headwater.dev";
/// Version of the language.
pub const VERSION: &str = "v1alpha1";
/// Group and version as an object states them.
pub const API_VERSION: &str = "headwater.dev/v1alpha1";

/// A kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// [`DataProduct`].
    DataProduct,
    /// [`DataContract`].
    DataContract,
    /// [`Platform`].
    Platform,
    /// [`Approval`].
    Approval,
    /// [`DataProductTest`].
    DataProductTest,
    /// [`ContractLock`].
    ContractLock,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 6] = [
        Kind::DataProduct,
        Kind::DataContract,
        Kind::Platform,
        Kind::Approval,
        Kind::DataProductTest,
        Kind::ContractLock,
    ];

    /// Whether only the command line reads it: it is no object of a cluster.
    pub fn is_local(self) -> bool {
        matches!(self, Kind::DataProductTest | Kind::ContractLock)
    }

    /// The word in `kind:`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::DataProduct => "DataProduct",
            Kind::DataContract => "DataContract",
            Kind::Platform => "Platform",
            Kind::Approval => "Approval",
            Kind::DataProductTest => "DataProductTest",
            Kind::ContractLock => "ContractLock",
        }
    }

    /// The kind of this word.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// An object of any kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// A product.
    DataProduct(Box<DataProduct>),
    /// A contract.
    DataContract(Box<DataContract>),
    /// A platform.
    Platform(Box<Platform>),
    /// An approval.
    Approval(Box<Approval>),
    /// A test.
    DataProductTest(Box<DataProductTest>),
    /// What was seen outside.
    ContractLock(Box<ContractLock>),
}

impl Object {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Object::DataProduct(_) => Kind::DataProduct,
            Object::DataContract(_) => Kind::DataContract,
            Object::Platform(_) => Kind::Platform,
            Object::Approval(_) => Kind::Approval,
            Object::DataProductTest(_) => Kind::DataProductTest,
            Object::ContractLock(_) => Kind::ContractLock,
        }
    }
}
