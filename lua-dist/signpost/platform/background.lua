local ____exports = {}
---
-- @returns how to run a task outside any request. A task that raises is logged as an error and ends; one that nginx
-- has no timer for is refused and logged; and none is begun in a worker that is about to exit.
function ____exports.backgroundRunner(log)
    return function(task)
        if ngx.worker.exiting() then
            return false
        end
        local ____, err = ngx.timer.at(
            0,
            function(premature)
                if premature then
                    return
                end
                local done, problem = pcall(task)
                if not done then
                    log.error("background task: " .. tostring(problem))
                end
            end
        )
        if err ~= nil then
            log.error("no timer for a background task: " .. err)
        end
        return err == nil
    end
end
return ____exports
