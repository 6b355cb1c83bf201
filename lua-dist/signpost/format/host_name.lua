local ____exports = {}
local isLabel, LABEL_BYTES
local ____complaint = require("signpost.text.complaint")
local refuse = ____complaint.refuse
--- Whether the text between two dots is a valid label; its bytes are already checked.
function isLabel(text)
    return text ~= "" and #text <= LABEL_BYTES and string.sub(text, 1, 1) ~= "-" and string.sub(text, -1) ~= "-"
end
local NAME_BYTES = 253
LABEL_BYTES = 63
local LABEL = ("a label of 1 to " .. tostring(LABEL_BYTES)) .. " bytes that neither starts nor ends with -"
--- Reads a DNS name: labels of letters, digits, `-` and `_`, joined by dots, at most 253 bytes.
-- 
-- @param name the whole name and nothing else
-- @param before bytes before it in the full text; error positions count from the start of the full text
-- @returns the name in lower case; `bad_target` with the position of the first error
function ____exports.parseHostName(name, before)
    if name == "" then
        return refuse(before + 1, "a host", name)
    end
    local alien = string.find(name, "[^A-Za-z0-9._-]")
    if alien ~= nil then
        return refuse(
            before + alien,
            "a letter, digit, dot, - or _ in a host name",
            string.sub(name, alien)
        )
    end
    if #name > NAME_BYTES then
        return refuse(
            before + 1,
            ("a host name of at most " .. tostring(NAME_BYTES)) .. " bytes",
            name
        )
    end
    local labelStart = 1
    for label in string.gmatch(name .. ".", "([^.]*)%.") do
        if not isLabel(label) then
            return refuse(
                before + labelStart,
                LABEL,
                string.sub(name, labelStart)
            )
        end
        labelStart = labelStart + (#label + 1)
    end
    -- nginx reads an address that begins with "unix:" as a socket path: unix:80 would be the file named 80.
    local lower = string.lower(name)
    if lower == "unix" then
        return refuse(before + 1, "a host name other than unix", name)
    end
    return lower, nil
end
return ____exports
