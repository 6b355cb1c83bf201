import { Log } from "../ports";
import { quietLog } from "./quiet_log";

const nginxLog: Log = {
  error: (message) => {
    ngx.log(ngx.ERR, "signpost: ", message);
  },
  warn: (message) => {
    ngx.log(ngx.WARN, "signpost: ", message);
  },
};

/** nginx's error log, without repetitions; every line begins with `signpost: `. */
export const log = quietLog(nginxLog, ngx.now);
