def object_in_list(obj, objects):
    return any(one is obj for one in objects)
