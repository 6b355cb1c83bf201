_G.require("signpost").status()
