local ____exports = {}
--- Finds the first name that exists, the most specific first.
-- 
-- Invariant: a less specific name answers only when every more specific one is known to be absent. Not knowing is not
-- absence: with Redis down, `*` must not answer for a host that may have a route of its own.
function ____exports.matchNames(names, find, trust)
    local due = {}
    local unknown = false
    local checked = math.huge
    for ____, name in ipairs(names) do
        do
            local known = find(name)
            local trusted = known == nil and "unverified" or trust(name, known)
            if trusted ~= "fresh" then
                due[#due + 1] = name
            end
            if known == nil or trusted == "unverified" then
                unknown = true
                goto __continue3
            end
            checked = math.min(checked, known.checked)
            if known.kind ~= "absent" and not unknown then
                return {
                    verdict = "found",
                    name = name,
                    known = known,
                    checked = checked,
                    due = due
                }
            end
        end
        ::__continue3::
    end
    return {verdict = unknown and "unknown" or "none", checked = checked, due = due}
end
return ____exports
