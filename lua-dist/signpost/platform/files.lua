local ____exports = {}
local create, createExclusively, newFile, writeAll, replace, syncDirectory, remove, lines, openFile, version, kindOf, status, unlikeRegular, failure, lastProblem, libc, O_RDONLY, O_RDONLY_NONBLOCK_NOCTTY_CLOEXEC, O_WRONLY_CREAT_EXCL_CLOEXEC, SEEK_SET, EINTR, EEXIST, OWNER_ONLY, SYNC_FILE_RANGE_WRITE, POSIX_FADV_DONTNEED, AT_FDCWD, AT_EMPTY_PATH, STATX_BASIC_STATS, STATX_BYTES, FLUSH_BYTES, READ_BYTES, REGULAR, KINDS
local ____ffi = require("ffi")
local C = ____ffi.C
local cast = ____ffi.cast
local cdef = ____ffi.cdef
local errno = ____ffi.errno
local newArray = ____ffi.new
local copy = ____ffi.string
local ____lines = require("signpost.text.lines")
local newLineReader = ____lines.newLineReader
function create(path)
    local fd = createExclusively(path)
    if fd < 0 and errno() == EEXIST then
        -- A process with the same id has left it behind. Only the name is removed, never the target of a link.
        -- dropped: then the second try fails too, and says why
        os.remove(path)
        fd = createExclusively(path)
    end
    if fd < 0 then
        return failure(path)
    end
    return newFile(fd, path), nil
end
--- With O_EXCL, open(2) follows no link: it fails for a link of that name.
function createExclusively(path)
    return libc.signpost_open(
        path,
        O_WRONLY_CREAT_EXCL_CLOEXEC,
        cast("int", OWNER_ONLY)
    )
end
function newFile(fd, path)
    local written, flushed = 0, 0
    return {
        write = function(bytes)
            local done, err, detail = writeAll(fd, path, bytes)
            if err ~= nil then
                return nil, err, detail
            end
            written = written + #bytes
            if written - flushed >= FLUSH_BYTES then
                -- dropped: only a hint
                libc.signpost_fadvise(fd, 0, flushed, POSIX_FADV_DONTNEED)
                -- dropped: only a hint
                libc.signpost_sync_file_range(fd, flushed, written - flushed, SYNC_FILE_RANGE_WRITE)
                flushed = written
            end
            return done, nil
        end,
        publish = function(target)
            local isSafe = libc.signpost_fsync(fd) == 0
            -- dropped: only a hint
            libc.signpost_fadvise(fd, 0, written, POSIX_FADV_DONTNEED)
            if libc.signpost_close(fd) ~= 0 or not isSafe then
                local problem = lastProblem()
                remove(path)
                return nil, "file_error", (path .. ": ") .. problem
            end
            local moved, err, detail = replace(path, target)
            if err ~= nil then
                remove(path)
                return nil, err, detail
            end
            syncDirectory(target)
            return moved, nil
        end,
        discard = function()
            libc.signpost_close(fd)
            -- dropped: the next file of this name replaces it
            os.remove(path)
        end
    }
end
--- write(2) may take less than it is given.
function writeAll(fd, path, bytes)
    local start = cast("const char *", bytes)
    local left = #bytes
    while left > 0 do
        local written = tonumber(libc.signpost_write(fd, start, left)) or -1
        if written < 0 then
            return failure(path)
        end
        start = start + written
        left = left - written
    end
    return true, nil
end
--- Renames, but only over a regular file: rename(2) itself would replace a device or a FIFO as well.
function replace(path, target)
    local kind = kindOf(AT_FDCWD, target, target)
    if kind ~= nil and kind ~= REGULAR then
        return unlikeRegular(target, kind)
    end
    local moved, problem = os.rename(path, target)
    if moved == nil then
        return nil, "file_error", tostring(problem)
    end
    return true, nil
end
--- Makes a rename outlast a power failure: it does so once its directory is on disk. Some file systems cannot sync a
-- directory; there the rename reaches the disk later.
function syncDirectory(path)
    local directory = string.match(path, "^(.*)/[^/]*$")
    if directory == nil then
        directory = "."
    end
    local fd = libc.signpost_open(directory == "" and "/" or directory, O_RDONLY)
    if fd >= 0 then
        libc.signpost_fsync(fd)
        libc.signpost_close(fd)
    end
end
function remove(path)
    -- dropped: it is not there, or the next use of this name fails and says why
    os.remove(path)
end
function lines(path)
    local fd = libc.signpost_open(path, O_RDONLY_NONBLOCK_NOCTTY_CLOEXEC)
    if fd < 0 then
        return failure(path)
    end
    local kind, err, detail = kindOf(fd, "", path)
    if err ~= nil then
        libc.signpost_close(fd)
        return nil, err, detail
    end
    if kind ~= REGULAR then
        libc.signpost_close(fd)
        return unlikeRegular(path, kind)
    end
    return newLineReader(
        openFile(fd),
        path
    ), nil
end
function openFile(fd)
    local buffer = newArray("char[?]", READ_BYTES)
    local isOpen = true
    return {
        read = function(bytes)
            local size = math.min(bytes, READ_BYTES)
            local got = tonumber(libc.signpost_read(fd, buffer, size)) or -1
            while got < 0 and errno() == EINTR do
                got = tonumber(libc.signpost_read(fd, buffer, size)) or -1
            end
            if got < 0 then
                return nil, lastProblem()
            end
            if got == 0 then
                return nil, nil
            end
            return copy(buffer, got), nil
        end,
        rewind = function()
            -- dropped: a regular file can always be read from its beginning
            libc.signpost_seek(fd, 0, SEEK_SET)
        end,
        close = function()
            if isOpen then
                isOpen = false
                libc.signpost_close(fd)
            end
        end
    }
end
function version(path)
    local out, err, detail = status(AT_FDCWD, path, path)
    if err ~= nil then
        return nil, err, detail
    end
    -- struct statx: the inode at 32, the size at 40, the times of change and modification at 96 to 127.
    return copy(out + 32, 16) .. copy(out + 96, 32), nil
end
--- Follows links.
-- @param directory a file descriptor
-- @param name relative to `directory`; empty for the file that is open as `directory`
function kindOf(directory, name, path)
    local out, err, detail = status(directory, name, path)
    if err ~= nil then
        return nil, err, detail
    end
    -- struct statx: the mode, 16 bits in the machine's order, at 28.
    local modes = cast("const uint16_t *", out + 28)
    return math.floor(modes[0] / 4096), nil
end
function status(directory, name, path)
    local out = newArray("unsigned char[?]", STATX_BYTES)
    if libc.signpost_statx(
        directory,
        name,
        AT_EMPTY_PATH,
        STATX_BASIC_STATS,
        out
    ) ~= 0 then
        return failure(path)
    end
    return out, nil
end
function unlikeRegular(path, kind)
    return nil, "file_error", (path .. ": expected a regular file, found ") .. (KINDS[kind] or "something else")
end
function failure(path)
    return nil, "file_error", (path .. ": ") .. lastProblem()
end
function lastProblem()
    return copy(libc.signpost_strerror(errno()))
end
-- Names of our own: another library may have declared the same functions differently.
cdef("\n  int signpost_open(const char *path, int flags, ...) __asm__(\"open\");\n  long signpost_write(int fd, const char *bytes, size_t size) __asm__(\"write\");\n  long signpost_read(int fd, char *bytes, size_t size) __asm__(\"read\");\n  long signpost_seek(int fd, long offset, int whence) __asm__(\"lseek\");\n  int signpost_fsync(int fd) __asm__(\"fsync\");\n  int signpost_sync_file_range(int fd, int64_t start, int64_t bytes, unsigned int flags) __asm__(\"sync_file_range\");\n  int signpost_fadvise(int fd, int64_t start, int64_t bytes, int advice) __asm__(\"posix_fadvise\");\n  int signpost_close(int fd) __asm__(\"close\");\n  char *signpost_strerror(int number) __asm__(\"strerror\");\n  int signpost_statx(int directory, const char *path, int flags, unsigned int mask, unsigned char *out) __asm__(\"statx\");\n")
libc = C
O_RDONLY = 0
O_RDONLY_NONBLOCK_NOCTTY_CLOEXEC = 2048 + 256 + 524288
O_WRONLY_CREAT_EXCL_CLOEXEC = 1 + 64 + 128 + 524288
SEEK_SET = 0
EINTR = 4
EEXIST = 17
OWNER_ONLY = 384
SYNC_FILE_RANGE_WRITE = 2
POSIX_FADV_DONTNEED = 4
AT_FDCWD = -100
AT_EMPTY_PATH = 4096
STATX_BASIC_STATS = 2047
STATX_BYTES = 256
--- The files of this machine. Each call is short; none yields.
____exports.files = {create = create, remove = remove, lines = lines, version = version}
FLUSH_BYTES = 1048576
READ_BYTES = 65536
--- Kinds of file: the upper four bits of a mode (linux/stat.h), and the words for all but the regular one.
REGULAR = 8
KINDS = {
    [1] = "a FIFO",
    [2] = "a character device",
    [4] = "a directory",
    [6] = "a block device",
    [12] = "a socket"
}
return ____exports
