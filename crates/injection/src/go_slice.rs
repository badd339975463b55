//! Why does a cloned init container sometimes see variables that were added later?
//!
//! The operator builds Pods out of Go slices. Two slice values can share one backing array, and an `append` writes into
//! that array as long as its capacity suffices. The operator relies on neither, but both show in the Pods it makes: the
//! clone of an Apache or nginx container shares the environment of its original
//! (`internal/instrumentation/{apachehttpd,nginx}.go`, v0.158.0), and an agent init container put before an init target may
//! lose its security context (`internal/instrumentation/sdk.go` `injectJava` and its siblings). This module models just
//! that much of Go: length, capacity, growth (`runtime/slice.go`, Go 1.26) and sharing.

use std::cell::RefCell;
use std::rc::Rc;

/// Size of `corev1.EnvVar` in bytes on a 64-bit machine: two strings and a pointer.
pub(crate) const ENV_VAR_BYTES: usize = 40;
/// Size of `corev1.Container` in bytes on a 64-bit machine (k8s.io/api v0.36).
pub(crate) const CONTAINER_BYTES: usize = 408;

/// Allocation sizes of the Go runtime up to 32 KiB (`internal/runtime/gc/sizeclasses.go`).
const SIZE_CLASSES: [usize; 67] = [
    8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416,
    448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200,
    3456, 4096, 4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336,
    16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768,
];
const PAGE_BYTES: usize = 8192;
/// Allocations above this size that hold pointers begin with a header (`runtime/mbitmap.go`); both elements do.
const SMALL_BYTES: usize = 512;
const HEADER_BYTES: usize = 8;

/// The capacity that `append` allocates when `old` is not enough for `needed` elements (`growslice`, `nextslicecap`).
pub(crate) fn grown_capacity(old: usize, needed: usize, element_bytes: usize) -> usize {
    const DOUBLES_BELOW: usize = 256;
    let wanted = if needed > 2 * old {
        needed
    } else if old < DOUBLES_BELOW {
        2 * old
    } else {
        let mut capacity = old;
        while capacity < needed {
            capacity += (capacity + 3 * DOUBLES_BELOW) / 4;
        }
        capacity
    };
    let bytes = wanted * element_bytes;
    let header = if bytes > SMALL_BYTES { HEADER_BYTES } else { 0 };
    match SIZE_CLASSES.iter().find(|class| **class >= bytes + header) {
        Some(class) => (class - header) / element_bytes,
        None => bytes.div_ceil(PAGE_BYTES) * PAGE_BYTES / element_bytes,
    }
}

/// How JSON decoding grows a slice, one element after the other (`sigs.k8s.io/json`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonGrowth {
    /// As `append` does it.
    Doubling,
    /// By half, and at least to four, without rounding; the library's way until 2025.
    ByHalf,
}

impl JsonGrowth {
    pub(crate) fn of(release: crate::releases::Release) -> Self {
        if release.follows(crate::releases::Rule::JsonDoublesCapacity) {
            Self::Doubling
        } else {
            Self::ByHalf
        }
    }

    /// The capacity of a slice of `length` elements after decoding.
    pub(crate) fn capacity(self, length: usize, element_bytes: usize) -> usize {
        let mut capacity = 0;
        while capacity < length {
            capacity = match self {
                Self::Doubling => grown_capacity(capacity, capacity + 1, element_bytes),
                Self::ByHalf => (capacity + capacity / 2).max(4),
            };
        }
        capacity
    }
}

/// A Go slice that starts at the beginning of its backing array. Cloning it copies the header: both share the array.
#[derive(Clone, Debug)]
pub(crate) struct Slice<T> {
    array: Rc<RefCell<Vec<T>>>,
    length: usize,
    capacity: usize,
    element_bytes: usize,
}

impl<T: Clone> Slice<T> {
    /// A slice without elements or room.
    pub(crate) fn empty(element_bytes: usize) -> Self {
        Self { array: Rc::default(), length: 0, capacity: 0, element_bytes }
    }

    /// A slice as JSON decoding leaves it.
    pub(crate) fn decoded(elements: Vec<T>, element_bytes: usize, growth: JsonGrowth) -> Self {
        let capacity = growth.capacity(elements.len(), element_bytes);
        Self { length: elements.len(), array: Rc::new(RefCell::new(elements)), capacity, element_bytes }
    }

    /// The same elements in an array of their own, as a deep copy makes it: no spare capacity.
    pub(crate) fn deep_copy(&self) -> Self {
        let elements = self.to_vec();
        Self {
            length: elements.len(),
            capacity: elements.len(),
            array: Rc::new(RefCell::new(elements)),
            ..*self
        }
    }

    /// `slice = append(slice, element)`
    pub(crate) fn append(&mut self, element: T) {
        if self.length == self.capacity {
            let copy = self.to_vec();
            self.array = Rc::new(RefCell::new(copy));
            self.capacity = grown_capacity(self.capacity, self.length + 1, self.element_bytes);
        }
        let mut array = self.array.borrow_mut();
        if self.length < array.len() {
            array[self.length] = element;
        } else {
            array.push(element);
        }
        self.length += 1;
    }

    /// `slice = append([]T{element}, slice...)`
    pub(crate) fn prepend(&mut self, element: T) {
        let mut elements = Vec::with_capacity(self.length + 1);
        elements.push(element);
        elements.extend_from_slice(&self.array.borrow()[..self.length]);
        self.capacity =
            if elements.len() == 1 { 1 } else { grown_capacity(1, elements.len(), self.element_bytes) };
        self.length = elements.len();
        self.array = Rc::new(RefCell::new(elements));
    }

    /// `slice = append(append(slice[:index], slice[index+1:]...), slice[index])`, in the shared array
    pub(crate) fn move_to_end(&mut self, index: usize) {
        if index < self.length {
            self.array.borrow_mut()[index..self.length].rotate_left(1);
        }
    }

    /// Changes one element, for everyone who shares the array.
    pub(crate) fn change(&self, index: usize, change: impl FnOnce(&mut T)) {
        if index < self.length {
            change(&mut self.array.borrow_mut()[index]);
        }
    }

    /// What `read` makes of the elements.
    pub(crate) fn read<R>(&self, read: impl FnOnce(&[T]) -> R) -> R {
        read(&self.array.borrow()[..self.length])
    }

    /// The elements.
    pub(crate) fn to_vec(&self) -> Vec<T> {
        self.read(<[T]>::to_vec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_leaves_room() {
        let capacities = |growth: JsonGrowth| {
            (0..10).map(|length| growth.capacity(length, ENV_VAR_BYTES)).collect::<Vec<_>>()
        };
        assert_eq!(capacities(JsonGrowth::Doubling), [0, 1, 2, 4, 4, 8, 8, 8, 8, 17]);
        assert_eq!(capacities(JsonGrowth::ByHalf), [0, 4, 4, 4, 4, 6, 6, 9, 9, 9]);
    }

    #[test]
    fn growth_rounds_up_to_an_allocation_size() {
        assert_eq!(grown_capacity(1, 13, ENV_VAR_BYTES), 14, "520 bytes need an allocation of 576");
        assert_eq!(grown_capacity(2, 3, CONTAINER_BYTES), 4);
    }

    #[test]
    fn an_append_with_spare_capacity_shows_through_a_shared_array() {
        let mut original = Slice::decoded(vec!["a", "b", "c"], ENV_VAR_BYTES, JsonGrowth::Doubling);
        let clone = original.clone();
        original.append("d");
        original.move_to_end(0);
        assert_eq!(clone.to_vec(), ["b", "c", "d"]);
        original.append("e");
        original.move_to_end(0);
        assert_eq!(clone.to_vec(), ["b", "c", "d"], "the fifth element needed a new array");
        assert_eq!(original.to_vec(), ["c", "d", "a", "e", "b"]);
    }
}
