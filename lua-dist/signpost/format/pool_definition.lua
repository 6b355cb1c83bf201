local ____exports = {}
local limitsProblem, readFields, newDraft, addWeighted, addMember, addAddress, addOption, unknownOption, hashOnProblem, printDraft, definitionOf, optionValues, namesAndFallbacks, camelCase, bad, MOST_WEIGHT, OPTIONS, OPTION_NAMES, FALLBACKS
local ____address = require("signpost.format.address")
local printAddress = ____address.printAddress
local ____backend = require("signpost.format.backend")
local BACKENDS_BYTES = ____backend.BACKENDS_BYTES
local MOST_BACKENDS = ____backend.MOST_BACKENDS
local parseMember = ____backend.parseMember
local ____complaint = require("signpost.text.complaint")
local quote = ____complaint.quote
local ____fields = require("signpost.format.fields")
local fieldsOf = ____fields.fieldsOf
local parseFields = ____fields.parseFields
local printFields = ____fields.printFields
local sizeProblem = ____fields.sizeProblem
local sorted = ____fields.sorted
local ____line_end = require("signpost.text.line_end")
local withoutLineEnd = ____line_end.withoutLineEnd
local ____target = require("signpost.format.target")
local parseAddresses = ____target.parseAddresses
local ____nearest = require("signpost.text.nearest")
local nearest = ____nearest.nearest
local ____scan = require("signpost.text.scan")
local matches = ____scan.matches
local wholeNumber = ____scan.wholeNumber
local ____option_values = require("signpost.format.option_values")
local readOption = ____option_values.readOption
local ____pool_options = require("signpost.format.pool_options")
local expectation = ____pool_options.expectation
local POOL_OPTIONS = ____pool_options.POOL_OPTIONS
--- @returns an error message if there are too many members or bytes, or nothing
function limitsProblem(members)
    return #members > MOST_BACKENDS and ____exports.tooManyMembers(tostring(#members)) or sizeProblem(members, ____exports.POOL_BYTES)
end
function readFields(fields)
    local draft = newDraft()
    for ____, ____value in ipairs(fields) do
        local name = ____value.name
        local value = ____value.value
        local ____matches_result_4
        if matches(name, "[.:%[/]") then
            ____matches_result_4 = addWeighted(draft, name, value)
        else
            ____matches_result_4 = addOption(draft, name, value)
        end
        local problem = ____matches_result_4
        if problem ~= nil then
            return bad((("field " .. quote(name)) .. ": ") .. problem)
        end
    end
    local problem = hashOnProblem(draft)
    if problem ~= nil then
        return bad(problem)
    end
    return draft, nil
end
function newDraft()
    return {members = {}, taken = {}, options = {}}
end
--- @returns an error message about the address or the weight, or nothing
function addWeighted(draft, member, written)
    local beforeBackup = string.match(written, "^(%d+)[ \t]+backup$")
    local weight = wholeNumber(beforeBackup or written, 0, MOST_WEIGHT)
    if weight == nil then
        return ((("expected a weight, an integer from 0 to " .. tostring(MOST_WEIGHT)) .. ", got ") .. quote(written)) .. "; after it may stand backup"
    end
    return addMember(draft, member, weight, beforeBackup ~= nil)
end
function addMember(draft, member, weight, isBackup)
    if isBackup == nil then
        isBackup = false
    end
    local address, err, detail = parseMember(member)
    local ____temp_5
    if err == nil then
        ____temp_5 = addAddress(draft, address, weight, isBackup)
    else
        ____temp_5 = detail
    end
    return ____temp_5
end
function addAddress(draft, address, weight, isBackup)
    if isBackup == nil then
        isBackup = false
    end
    local text = printAddress(address)
    if draft.taken[text] ~= nil then
        return ("expected each address once, got " .. quote(text)) .. " again"
    end
    draft.taken[text] = true
    local ____draft_members_6 = draft.members
    ____draft_members_6[#____draft_members_6 + 1] = isBackup and ({address = address, weight = weight, isBackup = isBackup}) or ({address = address, weight = weight})
    return nil
end
--- @returns an error message about the name or the value, or nothing
function addOption(draft, name, text)
    local option = OPTIONS[name]
    if option == nil then
        return unknownOption(name)
    end
    local value = readOption(option, text)
    if value == nil then
        return (("expected " .. expectation(option)) .. ", got ") .. quote(text)
    end
    draft.options[name] = value
    return nil
end
function unknownOption(name)
    local meant = nearest(name, OPTION_NAMES)
    if meant ~= nil then
        return ("no such option; did you mean " .. meant) .. "?"
    end
    return "no such option; a member whose name has no dot needs its port"
end
function hashOnProblem(draft)
    local ____draft_7 = draft
    local options = ____draft_7.options
    local ____opt_8 = options.balance
    local isHash = (____opt_8 and ____opt_8.value) == "hash"
    local ____opt_10 = options.hash_on
    local hashOn = ____opt_10 and ____opt_10.value
    if isHash and hashOn == nil then
        return "field \"balance\": expected hash_on beside hash, got nothing"
    end
    if not isHash and hashOn ~= nil then
        return "field \"hash_on\": expected balance hash beside it"
    end
    local isCookie = string.find(hashOn and hashOn.variable or "", "^cookie_")
    local ____opt_14 = options.hash_cookie
    if (____opt_14 and ____opt_14.value) == "issue" and isCookie == nil then
        return "field \"hash_cookie\": expected hash_on cookie:NAME beside issue"
    end
    return nil
end
--- @returns the pool's text; `bad_pool` if it has no member, too many members or too many bytes
function printDraft(draft)
    local ____draft_16 = draft
    local members = ____draft_16.members
    local options = ____draft_16.options
    if #members == 0 then
        return bad("expected a member, got none")
    end
    if #members > MOST_BACKENDS then
        return bad(____exports.tooManyMembers(tostring(#members)))
    end
    local fields = {}
    for ____, ____value in ipairs(members) do
        local address = ____value.address
        local weight = ____value.weight
        local isBackup = ____value.isBackup
        fields[#fields + 1] = {
            name = printAddress(address),
            value = isBackup == true and tostring(weight) .. " backup" or tostring(weight)
        }
    end
    for name, ____temp_17 in pairs(options) do
        local text
        text = ____temp_17.text
        fields[#fields + 1] = {name = name, value = text}
    end
    local text = printFields(fields)
    if #text > ____exports.POOL_BYTES then
        return bad((("expected no more than " .. tostring(____exports.POOL_BYTES)) .. " bytes, each member with port and weight, got ") .. tostring(#text))
    end
    return text, nil
end
function definitionOf(draft)
    local ____draft_18 = draft
    local members = ____draft_18.members
    local options = ____draft_18.options
    local given = next(options)
    return {
        members = members,
        options = given == nil and ____exports.NO_OPTIONS or optionValues(options)
    }
end
function optionValues(options)
    local values = {}
    for ____, name in ipairs(OPTION_NAMES) do
        local ____camelCase_result_21 = camelCase(name)
        local ____opt_19 = options[name] or FALLBACKS[name]
        values[____camelCase_result_21] = ____opt_19 and ____opt_19.value
    end
    return values
end
function namesAndFallbacks()
    local names = {}
    local fallbacks = {}
    for name, option in pairs(POOL_OPTIONS) do
        names[#names + 1] = name
        if option.fallback ~= nil then
            fallbacks[name] = assert(readOption(option, option.fallback))
        end
    end
    return names, fallbacks
end
function camelCase(name)
    local camel = string.gsub(name, "_(%l)", string.upper)
    return camel
end
---
-- @returns the error message for too many members; `got` says how many were found.
function ____exports.tooManyMembers(got)
    return (("expected no more than " .. tostring(MOST_BACKENDS)) .. " members, got ") .. got
end
function bad(detail)
    return nil, "bad_pool", detail
end
--- The maximum size of a pool, in bytes. It applies to the value as written and to the text printed from it.
____exports.POOL_BYTES = BACKENDS_BYTES
MOST_WEIGHT = 1000
OPTIONS = POOL_OPTIONS
OPTION_NAMES, FALLBACKS = namesAndFallbacks()
--- The option values of a pool that sets no option.
____exports.NO_OPTIONS = optionValues({})
--- Reads a pool from a hash. A field is an address with its weight, which `backup` may follow, or an option with its
-- value.
-- 
-- A field name that contains a dot, a colon, an opening bracket or a slash is an address; any other is an option. So a
-- member whose name has no dot needs its port, and a misspelt option is never read as a host.
-- 
-- @param flat the reply to `HGETALL`: at most 1024 members and 65,536 bytes
-- @returns the pool's text, independent of the order of the fields; `bad_pool` with the field, what was expected and
-- what was found
function ____exports.poolFromHash(flat)
    local count = math.ceil(#flat / 2)
    if count > MOST_BACKENDS + #OPTION_NAMES then
        return bad(____exports.tooManyMembers(tostring(count) .. " fields"))
    end
    local problem = sizeProblem(flat, ____exports.POOL_BYTES)
    if problem ~= nil then
        return bad(problem)
    end
    local draft, err, detail = readFields(fieldsOf(flat))
    if err ~= nil then
        return nil, err, detail
    end
    return printDraft(draft)
end
--- Reads a pool from a set of addresses of equal weight, with the same limits and results as `poolFromHash`.
function ____exports.poolFromSet(members)
    local problem = limitsProblem(members)
    if problem ~= nil then
        return bad(problem)
    end
    local draft = newDraft()
    for ____, member in ipairs(sorted(members)) do
        local mistake = addMember(draft, member, 1)
        if mistake ~= nil then
            return bad((("member " .. quote(member)) .. ": ") .. mistake)
        end
    end
    return printDraft(draft)
end
--- Reads a pool from a list of addresses of equal weight. Unlike the list of a route, it has no label.
-- 
-- @returns the pool's text, which does not keep the order of the list, because members have no order; `bad_pool` with
-- the item's index in Redis, from 0
function ____exports.poolFromList(items)
    local problem = limitsProblem(items)
    if problem ~= nil then
        return bad(problem)
    end
    local draft = newDraft()
    for i = 0, #items - 1 do
        local mistake = addMember(draft, items[i + 1] or "", 1)
        if mistake ~= nil then
            return bad((("item " .. tostring(i)) .. ": ") .. mistake)
        end
    end
    return printDraft(draft)
end
--- Reads a pool from a string: addresses of equal weight, separated as in a target. `bad_pool` has the position of a
-- syntax error.
function ____exports.poolFromString(text)
    local addresses, err, detail = parseAddresses(
        withoutLineEnd(text),
        ____exports.POOL_BYTES
    )
    if err ~= nil then
        return bad(detail)
    end
    local draft = newDraft()
    for ____, address in ipairs(addresses) do
        local mistake = addAddress(draft, address, 1)
        if mistake ~= nil then
            return bad(mistake)
        end
    end
    return printDraft(draft)
end
--- Parses a pool's text into its definition.
-- 
-- @param text a text that one of the functions above returned
-- @returns `bad_pool` for any other text
function ____exports.compilePool(text)
    local fields = parseFields(text)
    if fields == nil then
        return bad("expected lines of a field, a tab and a value, got " .. quote(text))
    end
    local draft, err, detail = readFields(fields)
    if err ~= nil then
        return nil, err, detail
    end
    return definitionOf(draft), nil
end
--- The pool of a route that names addresses instead of a pool. Every option has its fallback. An address named twice has
-- weight 2.
-- 
-- @param addresses at least one
function ____exports.definitionOfAddresses(addresses)
    local byText = {}
    for ____, address in ipairs(addresses) do
        local text = printAddress(address)
        local ____address_2 = address
        local ____opt_0 = byText[text]
        byText[text] = {address = ____address_2, weight = (____opt_0 and ____opt_0.weight or 0) + 1}
    end
    local draft = newDraft()
    for ____, member in pairs(byText) do
        local ____draft_members_3 = draft.members
        ____draft_members_3[#____draft_members_3 + 1] = member
    end
    table.sort(
        draft.members,
        function(a, b) return printAddress(a.address) < printAddress(b.address) end
    )
    return definitionOf(draft)
end
return ____exports
