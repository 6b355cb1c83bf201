local ____exports = {}
---
-- @returns a parser that has seen no message yet.
function ____exports.pushMessages(handlers)
    local isPayload, advance, endElement, elements, position, kind, keys
    function isPayload()
        return kind == "message" and position == 2 and elements > 0
    end
    --- Moves on to the next key, or after the last key to the next element.
    function advance()
        if keys > 1 then
            keys = keys - 1
        else
            keys = 0
            endElement()
        end
    end
    function endElement()
        if elements > 0 then
            elements = elements - 1
            position = position + 1
        end
    end
    elements = 0
    position = 0
    kind = ""
    keys = 0
    return {
        takeText = function(text)
            if keys > 0 then
                handlers.key(text)
            elseif position == 0 then
                kind = text
            end
            advance()
        end,
        skipText = advance,
        takeNil = function()
            if isPayload() then
                handlers.everything()
            end
            endElement()
        end,
        beginArray = function(size)
            if elements == 0 then
                elements = size
                position = 0
                kind = ""
            elseif isPayload() and keys == 0 then
                keys = size
                if size == 0 then
                    endElement()
                end
            else
                return "an array where there can be none"
            end
            return nil
        end
    }
end
return ____exports
