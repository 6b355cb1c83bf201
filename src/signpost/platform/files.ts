import { C, cast, cdef, CData, errno, new as newArray, string as copy } from "ffi";
import { Files, LineReader, NewFile } from "../ports";
import { Result } from "../result";
import { newLineReader, OpenFile } from "../text/lines";

// Names of our own: another library may have declared the same functions differently.
cdef(`
  int signpost_open(const char *path, int flags, ...) __asm__("open");
  long signpost_write(int fd, const char *bytes, size_t size) __asm__("write");
  long signpost_read(int fd, char *bytes, size_t size) __asm__("read");
  long signpost_seek(int fd, long offset, int whence) __asm__("lseek");
  int signpost_fsync(int fd) __asm__("fsync");
  int signpost_sync_file_range(int fd, int64_t start, int64_t bytes, unsigned int flags) __asm__("sync_file_range");
  int signpost_fadvise(int fd, int64_t start, int64_t bytes, int advice) __asm__("posix_fadvise");
  int signpost_close(int fd) __asm__("close");
  char *signpost_strerror(int number) __asm__("strerror");
  int signpost_statx(int directory, const char *path, int flags, unsigned int mask, unsigned char *out) __asm__("statx");
`);

/**
 * The C library, as declared above (open(2), write(2), read(2), lseek(2), fsync(2), sync_file_range(2),
 * posix_fadvise(2), close(2), strerror(3), statx(2)).
 */
const libc = C as CLibrary;

/** @returns the pointer, advanced by that number of bytes. */
declare const advance: LuaAddition<CData, number, CData>;

/** @noSelf */
interface CLibrary {
  signpost_open(path: string, flags: number, mode?: CData): number;
  signpost_write(fd: number, bytes: CData, size: number): number | CData;
  signpost_read(fd: number, bytes: CData, size: number): number | CData;
  signpost_seek(fd: number, offset: number, whence: number): number | CData;
  signpost_fsync(fd: number): number;
  signpost_sync_file_range(fd: number, start: number, bytes: number, flags: number): number;
  signpost_fadvise(fd: number, start: number, bytes: number, advice: number): number;
  signpost_close(fd: number): number;
  signpost_strerror(number: number): CData;
  signpost_statx(directory: number, path: string, flags: number, mask: number, out: CData): number;
}

// Linux's numbers, the same on all machines that nginx and LuaJIT run on (asm-generic/fcntl.h, linux/stat.h).
const O_RDONLY = 0;
const O_RDONLY_NONBLOCK_NOCTTY_CLOEXEC = 0x800 + 0x100 + 0x80000;
const O_WRONLY_CREAT_EXCL_CLOEXEC = 0x1 + 0x40 + 0x80 + 0x80000;
const SEEK_SET = 0;
const EINTR = 4;
const EEXIST = 17;
const OWNER_ONLY = 0x180; // 0600
const SYNC_FILE_RANGE_WRITE = 2;
const POSIX_FADV_DONTNEED = 4;
const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;
const STATX_BYTES = 256;

/** The files of this machine. Each call is short; none yields. */
export const files: Files = { create, remove, lines, version };

function create(path: string): Result<NewFile, "file_error"> {
  let fd = createExclusively(path);
  if (fd < 0 && errno() === EEXIST) {
    // A process with the same id has left it behind. Only the name is removed, never the target of a link.
    os.remove(path); // dropped: then the second try fails too, and says why
    fd = createExclusively(path);
  }
  if (fd < 0) {
    return failure(path);
  }
  return $multi(newFile(fd, path), undefined);
}

/** With O_EXCL, open(2) follows no link: it fails for a link of that name. */
function createExclusively(path: string): number {
  return libc.signpost_open(path, O_WRONLY_CREAT_EXCL_CLOEXEC, cast("int", OWNER_ONLY));
}

/**
 * Bytes after which the kernel is told to begin writing to disk, so that little is left for the sync at the end. The
 * kernel is also told to drop pages from memory that are on disk: freeing forty megabytes at once, when the next file
 * replaces this one, would take a dozen milliseconds.
 */
const FLUSH_BYTES = 1_048_576;

function newFile(fd: number, path: string): NewFile {
  let [written, flushed] = [0, 0];
  return {
    write: (bytes) => {
      const [done, err, detail] = writeAll(fd, path, bytes);
      if (err !== undefined) {
        return $multi(undefined, err, detail);
      }
      written += bytes.length;
      if (written - flushed >= FLUSH_BYTES) {
        libc.signpost_fadvise(fd, 0, flushed, POSIX_FADV_DONTNEED); // dropped: only a hint
        libc.signpost_sync_file_range(fd, flushed, written - flushed, SYNC_FILE_RANGE_WRITE); // dropped: only a hint
        flushed = written;
      }
      return $multi(done, undefined);
    },
    publish: (target) => {
      const isSafe = libc.signpost_fsync(fd) === 0;
      libc.signpost_fadvise(fd, 0, written, POSIX_FADV_DONTNEED); // dropped: only a hint
      if (libc.signpost_close(fd) !== 0 || !isSafe) {
        const problem = lastProblem();
        remove(path);
        return $multi(undefined, "file_error", `${path}: ${problem}`);
      }
      const [moved, err, detail] = replace(path, target);
      if (err !== undefined) {
        remove(path);
        return $multi(undefined, err, detail);
      }
      syncDirectory(target);
      return $multi(moved, undefined);
    },
    discard: () => {
      libc.signpost_close(fd);
      os.remove(path); // dropped: the next file of this name replaces it
    },
  };
}

/** write(2) may take less than it is given. */
function writeAll(fd: number, path: string, bytes: string): Result<true, "file_error"> {
  let start = cast("const char *", bytes);
  let left = bytes.length;
  while (left > 0) {
    const written = tonumber(libc.signpost_write(fd, start, left)) ?? -1;
    if (written < 0) {
      return failure(path);
    }
    start = advance(start, written);
    left -= written;
  }
  return $multi(true, undefined);
}

/** Renames, but only over a regular file: rename(2) itself would replace a device or a FIFO as well. */
function replace(path: string, target: string): Result<true, "file_error"> {
  const [kind] = kindOf(AT_FDCWD, target, target);
  if (kind !== undefined && kind !== REGULAR) {
    return unlikeRegular(target, kind);
  }
  const [moved, problem] = os.rename(path, target);
  if (moved === undefined) {
    return $multi(undefined, "file_error", tostring(problem));
  }
  return $multi(true, undefined);
}

/**
 * Makes a rename outlast a power failure: it does so once its directory is on disk. Some file systems cannot sync a
 * directory; there the rename reaches the disk later.
 */
function syncDirectory(path: string): void {
  const [directory = "."] = string.match(path, "^(.*)/[^/]*$");
  const fd = libc.signpost_open(directory === "" ? "/" : directory, O_RDONLY);
  if (fd >= 0) {
    libc.signpost_fsync(fd);
    libc.signpost_close(fd);
  }
}

function remove(path: string): void {
  os.remove(path); // dropped: it is not there, or the next use of this name fails and says why
}

function lines(path: string): Result<LineReader, "file_error"> {
  const fd = libc.signpost_open(path, O_RDONLY_NONBLOCK_NOCTTY_CLOEXEC);
  if (fd < 0) {
    return failure(path);
  }
  const [kind, err, detail] = kindOf(fd, "", path);
  if (err !== undefined) {
    libc.signpost_close(fd);
    return $multi(undefined, err, detail);
  }
  if (kind !== REGULAR) {
    libc.signpost_close(fd);
    return unlikeRegular(path, kind);
  }
  return $multi(newLineReader(openFile(fd), path), undefined);
}

/** How much is read at once, bytes. */
const READ_BYTES = 65_536;

function openFile(fd: number): OpenFile {
  const buffer = newArray("char[?]", READ_BYTES);
  let isOpen = true;
  return {
    read: (bytes) => {
      const size = math.min(bytes, READ_BYTES);
      let got = tonumber(libc.signpost_read(fd, buffer, size)) ?? -1;
      while (got < 0 && errno() === EINTR) {
        got = tonumber(libc.signpost_read(fd, buffer, size)) ?? -1;
      }
      if (got < 0) {
        return $multi(undefined, lastProblem());
      }
      if (got === 0) {
        return $multi(undefined, undefined);
      }
      return $multi(copy(buffer, got), undefined);
    },
    rewind: () => {
      libc.signpost_seek(fd, 0, SEEK_SET); // dropped: a regular file can always be read from its beginning
    },
    close: () => {
      if (isOpen) {
        isOpen = false;
        libc.signpost_close(fd);
      }
    },
  };
}

function version(path: string): Result<string, "file_error"> {
  const [out, err, detail] = status(AT_FDCWD, path, path);
  if (err !== undefined) {
    return $multi(undefined, err, detail);
  }
  // struct statx: the inode at 32, the size at 40, the times of change and modification at 96 to 127.
  return $multi(copy(advance(out, 32), 16) + copy(advance(out, 96), 32), undefined);
}

/** Kinds of file: the upper four bits of a mode (linux/stat.h), and the words for all but the regular one. */
const REGULAR = 0x8;
const KINDS: Readonly<Record<number, string | undefined>> = {
  0x1: "a FIFO",
  0x2: "a character device",
  0x4: "a directory",
  0x6: "a block device",
  0xc: "a socket",
};

/**
 * Follows links.
 * @param directory a file descriptor
 * @param name relative to `directory`; empty for the file that is open as `directory`
 */
function kindOf(directory: number, name: string, path: string): Result<number, "file_error"> {
  const [out, err, detail] = status(directory, name, path);
  if (err !== undefined) {
    return $multi(undefined, err, detail);
  }
  // struct statx: the mode, 16 bits in the machine's order, at 28.
  const modes = cast("const uint16_t *", advance(out, 28)) as unknown as LuaTable<number, number>;
  return $multi(math.floor(modes.get(0) / 4096), undefined);
}

function status(directory: number, name: string, path: string): Result<CData, "file_error"> {
  const out = newArray("unsigned char[?]", STATX_BYTES);
  if (libc.signpost_statx(directory, name, AT_EMPTY_PATH, STATX_BASIC_STATS, out) !== 0) {
    return failure(path);
  }
  return $multi(out, undefined);
}

function unlikeRegular(path: string, kind: number): Result<never, "file_error"> {
  return $multi(undefined, "file_error", `${path}: expected a regular file, found ${KINDS[kind] ?? "something else"}`);
}

function failure(path: string): Result<never, "file_error"> {
  return $multi(undefined, "file_error", `${path}: ${lastProblem()}`);
}

function lastProblem(): string {
  return copy(libc.signpost_strerror(errno()));
}
