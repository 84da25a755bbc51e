"""Every blob store keeps the same promises."""

import hashlib
import threading

import pytest

from api.store.blobs import FolderBlobs
from api.store.memory import MemoryBlobs

CONTENT = "预演".encode() * 1000
KEY = hashlib.sha256(CONTENT).hexdigest()


class BlobStoreContract:
    """Subclass, give a ``store`` fixture, and the store is proven."""

    def test_a_blob_is_read_back_under_the_hash_of_its_content(self, store):
        key = store.put(CONTENT)

        assert key == KEY
        assert store.has(key)
        assert store.path(key).read_bytes() == CONTENT
        with store.open(key) as blob:
            assert blob.read() == CONTENT

    def test_the_empty_blob_is_a_blob(self, store):
        assert store.path(store.put(b"")).read_bytes() == b""

    def test_keeping_twice_is_keeping_once(self, store):
        assert store.put(CONTENT) == store.put(CONTENT)

    @pytest.mark.parametrize(
        "key", ["", "0" * 64, "../../etc/passwd", KEY.upper(), KEY + "0", "g" * 64]
    )
    def test_what_is_not_there_is_not_found(self, store, key):
        store.put(CONTENT)

        assert not store.has(key)
        with pytest.raises(FileNotFoundError):
            store.open(key)
        with pytest.raises(FileNotFoundError):
            store.path(key)

    def test_a_sink_is_invisible_until_it_is_kept(self, store):
        sink = store.sink()
        sink.write(CONTENT[:10])
        sink.write(CONTENT[10:])
        sink.flush()

        assert (sink.size, sink.digest(), store.has(KEY)) == (len(CONTENT), KEY, False)
        assert sink.path.read_bytes() == CONTENT
        assert sink.keep() == KEY
        assert store.has(KEY)
        sink.discard()
        assert store.has(KEY)

    def test_a_discarded_sink_leaves_nothing(self, store):
        sink = store.sink()
        sink.write(CONTENT)
        sink.flush()
        sink.discard()

        assert not store.has(KEY)
        assert not sink.path.exists()

    def test_a_file_is_adopted(self, store, tmp_path):
        path = tmp_path / "made"
        path.write_bytes(CONTENT)

        assert store.adopt(path) == KEY
        assert not path.exists()
        assert store.path(KEY).read_bytes() == CONTENT

    def test_many_writers_of_the_same_bytes_agree(self, store):
        keys = []
        threads = [
            threading.Thread(target=lambda: keys.append(store.put(CONTENT))) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert keys == [KEY] * 8
        assert store.path(KEY).read_bytes() == CONTENT


class TestFolderBlobs(BlobStoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        return FolderBlobs(tmp_path / "blobs")

    def test_half_written_blobs_are_swept_at_the_next_start(self, store, tmp_path):
        sink = store.sink()
        sink.write(CONTENT)
        sink.flush()

        assert FolderBlobs(tmp_path / "blobs").sweep(older=60.0) == 0
        assert sink.path.exists()
        assert FolderBlobs(tmp_path / "blobs").sweep() == 1
        assert not sink.path.exists()
        sink.discard()

    @pytest.mark.parametrize("call", ["fsync", "replace"])
    def test_a_failure_on_the_way_leaves_no_blob(self, store, monkeypatch, call):
        def fail(*_args, **_kwargs):
            raise OSError(28, "No space left on device")

        target = "os.fsync" if call == "fsync" else "pathlib.Path.replace"
        monkeypatch.setattr(target, fail)
        with pytest.raises(OSError, match="No space"):
            store.put(CONTENT)
        monkeypatch.undo()

        assert not store.has(KEY)
        assert store.sweep() == 0
        assert store.put(CONTENT) == KEY


class TestMemoryBlobs(BlobStoreContract):
    @pytest.fixture
    def store(self, tmp_path_factory):
        return MemoryBlobs(tmp_path_factory.mktemp("memory"))
