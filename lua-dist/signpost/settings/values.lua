local ____exports = {}
local unknownName, readValue
local ____complaint = require("signpost.text.complaint")
local quote = ____complaint.quote
local ____check = require("signpost.settings.check")
local problemWith = ____check.problemWith
local ____knobs = require("signpost.settings.knobs")
local KNOBS = ____knobs.KNOBS
local ____nearest = require("signpost.text.nearest")
local nearest = ____nearest.nearest
local ____numbers = require("signpost.text.numbers")
local describe = ____numbers.describe
function unknownName(name, known)
    local meant = nearest(name, known)
    local hint = meant == nil and "" or ("; did you mean " .. meant) .. "?"
    return (quote(name) .. ": no such setting") .. hint
end
function readValue(knob, given)
    if given == nil then
        return knob.fallback, nil
    end
    local problem = problemWith(knob, given)
    if problem ~= nil then
        return nil, problem
    end
    return given, nil
end
--- Adds a problem for each key of `given` that is not the name of a setting.
function ____exports.checkNames(given, problems)
    local known = {}
    for name in pairs(KNOBS) do
        known[#known + 1] = name
    end
    for key in pairs(given) do
        if type(key) ~= "string" then
            problems[#problems + 1] = "settings: expected names as keys, got " .. describe(key)
        elseif KNOBS[key] == nil then
            problems[#problems + 1] = unknownName(key, known)
        end
    end
end
--- Reads the value of each setting. A wrong value adds a problem and is absent from the result.
function ____exports.readValues(given, problems)
    local values = {}
    for name, knob in pairs(KNOBS) do
        local value, problem = readValue(knob, given[name])
        values[name] = value
        if problem ~= nil then
            problems[#problems + 1] = (name .. ": ") .. problem
        end
    end
    return values
end
return ____exports
