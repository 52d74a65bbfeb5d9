-- Builds what Taximeter expects of a raw record: the frame "host TAB path TAB byte-offset TAB line", the line's
-- bytes untouched, and as key the 32-bit FNV-1a checksum of the line in 8 hex digits.
local bit = require("bit")

local host = os.getenv("TAXIMETER_HOST_NAME")
if host == nil or host == "" or host:find("%c") then
  error("TAXIMETER_HOST_NAME must be the name of this machine, without control characters")
end

local function checksum(line)
  local hash = bit.tobit(0x811c9dc5)
  for i = 1, #line do
    hash = bit.bxor(hash, line:byte(i))
    -- Times 16777619 = 2^24 + 403, without leaving the integers that a double holds exactly.
    hash = bit.tobit(bit.lshift(hash, 24) + hash * 403)
  end
  return bit.tohex(hash)
end

function frame(tag, timestamp, record)
  local line = record["log"]
  if line == nil then
    return 0, timestamp, record
  end
  if line:byte(-1) == 13 then
    line = line:sub(1, -2)
  end
  if line == "" then
    return -1, timestamp, record
  end
  local head = string.format("%s\t%s\t%d\t", host, record["path"], record["offset"])
  return 2, timestamp, { frame = head .. line, key = checksum(line) }
end
