local ____exports = {}
local create, newFile, writeAll, syncDirectory, remove, lines, version, failure, libc, O_RDONLY, O_WRONLY_CREAT_TRUNC_CLOEXEC, OWNER_ONLY, SYNC_FILE_RANGE_WRITE, POSIX_FADV_DONTNEED, AT_FDCWD, STATX_BASIC_STATS, STATX_BYTES, FLUSH
local ____ffi = require("ffi")
local C = ____ffi.C
local cast = ____ffi.cast
local cdef = ____ffi.cdef
local errno = ____ffi.errno
local newArray = ____ffi.new
local copy = ____ffi.string
local ____lines = require("signpost.snapshot.lines")
local newLineReader = ____lines.newLineReader
function create(path)
    local fd = libc.signpost_open(
        path,
        O_WRONLY_CREAT_TRUNC_CLOEXEC,
        cast("int", OWNER_ONLY)
    )
    if fd < 0 then
        return failure(path)
    end
    return newFile(fd, path), nil
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
            if written - flushed >= FLUSH then
                libc.signpost_fadvise(fd, 0, flushed, POSIX_FADV_DONTNEED)
                libc.signpost_sync_file_range(fd, flushed, written - flushed, SYNC_FILE_RANGE_WRITE)
                flushed = written
            end
            return done, nil
        end,
        publish = function(target)
            local isSafe = libc.signpost_fsync(fd) == 0
            libc.signpost_fadvise(fd, 0, written, POSIX_FADV_DONTNEED)
            if libc.signpost_close(fd) ~= 0 or not isSafe then
                return failure(path)
            end
            local moved, problem = os.rename(path, target)
            if moved == nil then
                return nil, "file_error", tostring(problem)
            end
            syncDirectory(target)
            return true, nil
        end,
        discard = function()
            libc.signpost_close(fd)
            os.remove(path)
        end
    }
end
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
    os.remove(path)
end
function lines(path)
    local opened, problem = io.open(path, "rb")
    if opened == nil then
        return nil, "file_error", problem or path
    end
    return newLineReader(opened, path), nil
end
function version(path)
    local out = newArray("unsigned char[?]", STATX_BYTES)
    if libc.signpost_statx(
        AT_FDCWD,
        path,
        0,
        STATX_BASIC_STATS,
        out
    ) ~= 0 then
        return failure(path)
    end
    return copy(out + 32, 16) .. copy(out + 96, 32), nil
end
function failure(path)
    return nil, "file_error", (path .. ": ") .. copy(libc.signpost_strerror(errno()))
end
cdef("\n  int signpost_open(const char *path, int flags, ...) __asm__(\"open\");\n  long signpost_write(int fd, const char *bytes, size_t size) __asm__(\"write\");\n  int signpost_fsync(int fd) __asm__(\"fsync\");\n  int signpost_sync_file_range(int fd, int64_t start, int64_t bytes, unsigned int flags) __asm__(\"sync_file_range\");\n  int signpost_fadvise(int fd, int64_t start, int64_t bytes, int advice) __asm__(\"posix_fadvise\");\n  int signpost_close(int fd) __asm__(\"close\");\n  char *signpost_strerror(int number) __asm__(\"strerror\");\n  int signpost_statx(int directory, const char *path, int flags, unsigned int mask, unsigned char *out) __asm__(\"statx\");\n")
libc = C
O_RDONLY = 0
O_WRONLY_CREAT_TRUNC_CLOEXEC = 1 + 64 + 512 + 524288
OWNER_ONLY = 384
SYNC_FILE_RANGE_WRITE = 2
POSIX_FADV_DONTNEED = 4
AT_FDCWD = -100
STATX_BASIC_STATS = 2047
STATX_BYTES = 256
--- The files of this machine. Each call is short; none yields.
____exports.files = {create = create, remove = remove, lines = lines, version = version}
FLUSH = 1048576
return ____exports
